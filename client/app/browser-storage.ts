/** What the browser keeps for good or for this tab; `undefined` where reading the property already throws. */
export function browserStorage(
  kind: 'localStorage' | 'sessionStorage' = 'localStorage',
): Storage | undefined {
  try {
    return globalThis[kind];
  } catch {
    return undefined;
  }
}
