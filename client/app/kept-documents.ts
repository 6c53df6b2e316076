import type { DocumentId } from '../../shared/ids.js';
import type { Role } from '../../shared/protocol.js';
import { wireErrorOf } from './api.js';
import type { DocumentFacts } from './document-api.js';
import { type KeptAccess, listKept, type TokenStorage } from './kept-access.js';
import { endsAccess } from './notice.js';

/** Documents about which the server is asked: those opened last. */
const ASKED = 40;
/** How long what the server has said counts, in milliseconds. */
const FRESH_MS = 30_000;

/** A document that this browser keeps a token for, and what is known of it. */
export interface KeptDocument {
  readonly id: DocumentId;
  /** What the token allowed when it was last used, or when the server was last asked. */
  readonly role: Role;
  /** ISO 8601; `undefined` until the server has said it. */
  readonly updatedAt: string | undefined;
  /** The token opens the document no longer. */
  readonly gone: 'deleted' | 'closed' | undefined;
}

interface Known {
  readonly token: string;
  readonly at: number;
  readonly facts: DocumentFacts | undefined;
  readonly gone: KeptDocument['gone'];
}

interface KeptDocumentsOptions {
  readonly storage: TokenStorage | undefined;
  /** Asks the server. @throws ApiError */
  facts(id: DocumentId, token: string): Promise<DocumentFacts>;
  /** Milliseconds that only grow. */
  now(): number;
}

/** The documents that this browser gets into, with what the server says of them now and then. */
export class KeptDocuments {
  readonly #options: KeptDocumentsOptions;
  readonly #known = new Map<DocumentId, Known>();
  #asking = false;

  constructor(options: KeptDocumentsOptions) {
    this.#options = options;
  }

  /** The one opened last first; without waiting for anything. */
  list(): readonly KeptDocument[] {
    return listKept(this.#options.storage).map(({ id, token, role }) => {
      const found = this.#known.get(id);
      const known = found?.token === token ? found : undefined;
      return {
        id,
        role: known?.facts?.role ?? role,
        updatedAt: known?.facts?.updatedAt,
        gone: known?.gone,
      };
    });
  }

  /**
   * Asks the server about what it has not been asked about for a while, one document after the other.
   *
   * @param told after each answer
   */
  async refresh(told: () => void): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      for (const kept of listKept(this.#options.storage).slice(0, ASKED)) {
        const known = this.#known.get(kept.id);
        if (known?.token === kept.token && this.#options.now() - known.at < FRESH_MS) continue;
        if (!(await this.#ask(kept))) return;
        told();
      }
    } finally {
      this.#asking = false;
    }
  }

  /** @returns `false` if the server can't say it now */
  async #ask({ id, token }: KeptAccess & { readonly id: DocumentId }): Promise<boolean> {
    const { facts, now } = this.#options;
    try {
      this.#known.set(id, { token, at: now(), facts: await facts(id, token), gone: undefined });
    } catch (thrown) {
      const error = wireErrorOf(thrown);
      if (!endsAccess(error)) return false;
      const gone = error.code === 'document-deleted' ? 'deleted' : 'closed';
      this.#known.set(id, { token, at: now(), facts: undefined, gone });
    }
    return true;
  }
}
