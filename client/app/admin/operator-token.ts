import { browserStorage } from '../browser-storage.js';
import type { KeyValueStore } from '../identity.js';
import { tokenInHash } from '../page-token.js';
import { readSignIn } from '../sign-in.js';

const KEY = 'coscribe.operator';

/** What this tab shows to be let in as an operator; it ends with the tab. */
export class OperatorToken {
  private token: string | undefined;
  private readonly storage: KeyValueStore | undefined = browserStorage('sessionStorage');

  constructor() {
    // Whoever is signed in at the list of documents may be an operator.
    this.token = this.read() ?? readSignIn(this.storage);
  }

  get value(): string | undefined {
    return this.token;
  }

  /** @returns `false` for what can be no token */
  set(raw: string): boolean {
    // The rules are the same as for tokens in addresses: it has to fit into a header.
    const token = tokenInHash(encodeURIComponent(raw.trim()), () => false);
    if (token === undefined) return false;
    this.keep(token);
    return true;
  }

  forget(): void {
    this.keep(undefined);
  }

  private keep(token: string | undefined): void {
    this.token = token;
    try {
      this.storage?.setItem(KEY, token ?? '');
    } catch {
      // It then lasts as long as the page.
    }
  }

  private read(): string | undefined {
    try {
      return this.storage?.getItem(KEY) || undefined;
    } catch {
      return undefined;
    }
  }
}
