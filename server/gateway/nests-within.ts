const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Whether arrays and objects in a JSON text lie at most `depth` deep in one another. The text need not be well-formed. */
export function nestsWithin(text: string, depth: number): boolean {
  // Most packets are too short for that.
  if (text.length <= depth) return true;
  let open = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) quoted = false;
    } else if (code === QUOTE) quoted = true;
    else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      if (++open > depth) return false;
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) open--;
  }
  return true;
}
