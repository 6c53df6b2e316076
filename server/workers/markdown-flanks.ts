/** What surrounds a piece of text; links are written otherwise. */
export const DELIMITERS = { bold: '**', italic: '*', strike: '~~' } as const;

/** A piece of what is written, never empty. What `fixed` ones begin and end with is punctuation or space. */
export interface Token {
  readonly kind: 'open' | 'close' | 'text' | 'fixed';
  readonly written: string;
}

/** Keeps what ends before it apart from what begins after it, and is not seen. */
const SEPARATOR = '<!-- -->';

/** Begins, or ends, with what some version of CommonMark may take for punctuation; a single letter may become a reference. */
const BEGINS_APART = /^[^\p{L}\p{N}]|^.$/su;
const ENDS_APART = /[^\p{L}\p{N}]$/u;
/** The first, or last, character, if it is one that not every version takes for punctuation or space. */
const FIRST_LETTER = /^[^\s\p{P}!-/:-@[-`{-~]/u;
const LAST_LETTER = /[^\s\p{P}!-/:-@[-`{-~]$/u;

/**
 * Puts together what is written so that delimiters are taken for what they are. CommonMark takes `**` for the beginning of
 * something bold only if it "flanks" it: in `a**"b"**` and `**"a"**b` nothing is bold, as there is a letter on one side and
 * punctuation on the other. A letter in such a place is written as a character reference, which counts as punctuation. Where
 * one thing ends and the next one begins with the same character, a comment keeps the two apart.
 */
export function joinTokens(tokens: readonly Token[]): string {
  const parts: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const closers = delimitersFrom(tokens, at, 'close');
    const openers = delimitersFrom(tokens, at + closers.length, 'open');
    at += closers.length + openers.length;
    const before = parts.pop() ?? '';
    let after = tokens[at]?.written ?? '';
    if (openers.length === 0) {
      const isApart = isMixed(closers) || ENDS_APART.test(before);
      if (closers.length > 0 && isApart) after = after.replace(FIRST_LETTER, referred);
      // A `!` before it would make an image of a link.
      parts.push(after.startsWith('[') ? before.replace(/!$/, '\\!') : before);
    } else {
      const isApart = isMixed(openers) || BEGINS_APART.test(after);
      parts.push(closers.length === 0 && isApart ? before.replace(LAST_LETTER, referred) : before);
    }
    parts.push(...closers);
    if (closers.at(-1)?.[0] === openers[0]?.[0] && openers.length > 0) parts.push(SEPARATOR);
    parts.push(...openers, after);
  }
  return parts.join('');
}

function delimitersFrom(tokens: readonly Token[], start: number, kind: 'open' | 'close'): string[] {
  let end = start;
  while (tokens[end]?.kind === kind) end++;
  return tokens.slice(start, end).map(({ written }) => written);
}

/** Whether there are two kinds beside one another: each is punctuation to the other. */
function isMixed(delimiters: readonly string[]): boolean {
  return delimiters.some((one) => one[0] !== delimiters[0]?.[0]);
}

function referred(letter: string): string {
  return `&#${letter.codePointAt(0)};`;
}
