import type { KeyValueStore } from './identity.js';

const KEY = 'coscribe.token';

/** The token with which this tab was signed in at the list of documents; it ends with the tab. */
export function readSignIn(storage: KeyValueStore | undefined): string | undefined {
  try {
    return storage?.getItem(KEY) || undefined;
  } catch {
    return undefined;
  }
}

/** @returns `false` where the browser keeps nothing */
export function keepSignIn(storage: KeyValueStore | undefined, token: string | undefined): boolean {
  try {
    storage?.setItem(KEY, token ?? '');
    return storage !== undefined;
  } catch {
    return false;
  }
}
