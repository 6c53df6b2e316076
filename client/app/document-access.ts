import type { DocumentId } from '../../shared/ids.js';
import { type Role, roleReaches } from '../../shared/protocol.js';
import { forget, type KeptAccess, keep, readKept, type TokenStorage } from './kept-access.js';
import type { PageMode } from './page-mode.js';

export interface DocumentAccessOptions {
  readonly id: DocumentId;
  readonly mode: PageMode;
  readonly storage: TokenStorage | undefined;
  /** The token with which this tab was signed in at the list of documents, if it was. */
  signedIn(): string | undefined;
  /** Asks the server what a token allows that the page does not use; it may reject. */
  roleWith(token: string): Promise<Role | undefined>;
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

/**
 * Which token opens the document: the one in the address, else the one that this browser has kept, else the one that the
 * tab was signed in with. What one has is never given up for less: who looks at a document through a link for readers
 * remains its owner.
 */
export class DocumentAccess {
  readonly #options: DocumentAccessOptions;
  #token: string | undefined;
  #given: string | undefined;
  readonly #refused = new Set<string>();

  /** @param given the token in the page's address */
  constructor(options: DocumentAccessOptions, given: string | undefined) {
    this.#options = options;
    this.#given = given;
    this.#token = this.#best();
  }

  /** The token to use. */
  get token(): string | undefined {
    return this.#token;
  }

  /** What the token allowed when it was last used; `undefined` if it was never used here. */
  get expectedRole(): Role | undefined {
    if (this.#options.mode === 'open') return 'owner';
    const kept = this.kept;
    return kept?.token === this.#token ? kept?.role : undefined;
  }

  /** What this browser keeps for the document. */
  get kept(): KeptAccess | undefined {
    return this.#options.mode === 'open' ? undefined : readKept(this.#options.storage, this.#options.id);
  }

  /** Another token stands in the address now. @returns whether it is another one than the one in use */
  give(token: string): boolean {
    const before = this.#token;
    this.#refused.delete(token);
    this.#given = token;
    this.#token = this.#best();
    return this.#token !== before;
  }

  /**
   * The token in use works. It is kept, unless the browser has a better one that still works.
   *
   * @returns whether the bare address opens the document from now on, with this token
   */
  async opened(role: Role): Promise<boolean> {
    const { id, mode, storage, now, signedIn } = this.#options;
    const token = this.#token;
    if (mode === 'open' || token === undefined) return false;
    const { kept } = this;
    if (kept === undefined && token === signedIn()) return true;
    if (kept !== undefined && kept.token !== token && (await this.#isBetter(kept, role))) return false;
    return keep(storage, id, { token, role, openedAt: now() });
  }

  /** The server does not take the token in use: it is forgotten. @returns whether there is another one to try */
  refused(): boolean {
    const { id, storage } = this.#options;
    const token = this.#token;
    if (token !== undefined) {
      this.#refused.add(token);
      if (this.kept?.token === token) forget(storage, id);
    }
    this.#token = this.#best();
    return this.#token !== undefined;
  }

  async #isBetter(kept: KeptAccess, role: Role): Promise<boolean> {
    if (roleReaches(role, kept.role)) return false;
    try {
      const still = await this.#options.roleWith(kept.token);
      return still !== undefined && !roleReaches(role, still);
    } catch {
      return true;
    }
  }

  #best(): string | undefined {
    if (this.#options.mode === 'open') return undefined;
    const candidates = [this.#given, this.kept?.token, this.#options.signedIn()];
    return candidates.find((token) => token !== undefined && !this.#refused.has(token));
  }
}
