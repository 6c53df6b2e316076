const CONTEXT = 12;

/** Where a text first differs from the one expected, for people; `undefined` if it does not. */
export function difference(text: string, expected: string): string | undefined {
  if (text === expected) return undefined;
  const found = Array.from(text);
  const wanted = Array.from(expected);
  let at = 0;
  while (at < found.length && found[at] === wanted[at]) at++;
  const show = (characters: readonly string[]): string =>
    at < characters.length ? JSON.stringify(characters.slice(at, at + CONTEXT).join('')) : 'the end';
  return `differs at the character ${at}: ${show(found)} where endContent has ${show(wanted)}`;
}
