const TOKEN = /\[\d+\.\d+😀?\]/gu;

/** What one edit writes: `[3.17]` is the 17th of the third typist, and nobody else's. Some have a surrogate pair. */
export function tokenOf(typist: number, count: number, emoji: boolean): string {
  return `[${typist}.${count}${emoji ? '😀' : ''}]`;
}

export interface PlacedToken {
  readonly token: string;
  readonly at: number;
}

export function placedTokens(text: string): PlacedToken[] {
  return Array.from(text.matchAll(TOKEN), ({ 0: token, index }) => ({ token, at: index }));
}

/** The tokens of a text, and what is wrong with it if it holds anything else, or a token twice. */
export function readTokens(text: string): {
  readonly tokens: ReadonlySet<string>;
  readonly problems: string[];
} {
  const all = placedTokens(text).map(({ token }) => token);
  const tokens = new Set(all);
  const problems: string[] = [];
  if (all.join('') !== text) {
    problems.push(`the text holds what nobody typed: ${JSON.stringify(text.replaceAll(TOKEN, '|'))}`);
  }
  if (tokens.size !== all.length) {
    const twice = all.filter((token, place) => all.indexOf(token) !== place);
    problems.push(`there twice: ${twice.join(' ')}`);
  }
  return { tokens, problems };
}
