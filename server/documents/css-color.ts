/** Longest colour, in characters. */
const MAX_LENGTH = 128;
/** A colour in a mixture of others, and no deeper. */
const MAX_DEPTH = 2;

const WORD = /^(?:#[\da-f]{3,8}|[a-z]{3,32})$/i;
/** Between parentheses; nothing that ends a declaration or loads anything. */
const ARGUMENTS = /^[\w .,%/+#-]*$/;
/** The functions of CSS that make a colour. */
const FUNCTIONS = new Set([
  ...['rgb', 'rgba', 'hsl', 'hsla', 'hwb', 'lab', 'lch', 'oklab', 'oklch'],
  ...['color', 'color-mix', 'light-dark'],
]);

/**
 * Whether somebody else's text is a colour of CSS, so that it may be written into a style: `#…`, a name, or a function that
 * makes a colour, of others too. Read from left to right, once: an expression with nested repetitions takes exponential time.
 */
export function isCssColor(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > MAX_LENGTH) return false;
  return WORD.test(value) || isCall(value);
}

function isCall(text: string): boolean {
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character !== '(' && character !== ')') continue;
    const piece = text.slice(from, at);
    from = at + 1;
    if (!ARGUMENTS.test(piece)) return false;
    if (character === '(') {
      const name = depth === 0 ? piece : /[\w-]*$/.exec(piece)?.[0];
      if (!FUNCTIONS.has((name ?? '').toLowerCase()) || ++depth > MAX_DEPTH) return false;
    } else if (--depth < 0 || (depth === 0 && from < text.length)) return false;
  }
  return depth === 0 && from === text.length && from > 0;
}
