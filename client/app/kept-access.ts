import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import { ROLES, type Role } from '../../shared/protocol.js';

/** The part of `localStorage` that is needed; it throws where the browser forbids it. */
export interface TokenStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** How this browser gets into a document. */
export interface KeptAccess {
  readonly token: string;
  /** What the token allowed when it was last used. */
  readonly role: Role;
  /** When that was, in milliseconds since the Unix epoch. */
  readonly openedAt: number;
}

/** One entry a document, so that two tabs never overwrite what the other one keeps. */
const PREFIX = 'coscribe.access.';

export function readKept(storage: TokenStorage | undefined, id: DocumentId): KeptAccess | undefined {
  try {
    return parseKept(storage?.getItem(PREFIX + id) ?? '');
  } catch {
    return undefined;
  }
}

/** @returns `false` where the browser keeps nothing */
export function keep(storage: TokenStorage | undefined, id: DocumentId, access: KeptAccess): boolean {
  try {
    storage?.setItem(PREFIX + id, JSON.stringify(access));
    return storage !== undefined;
  } catch {
    return false;
  }
}

export function forget(storage: TokenStorage | undefined, id: DocumentId): void {
  try {
    storage?.removeItem(PREFIX + id);
  } catch {
    // Where nothing can be kept there is nothing to forget.
  }
}

/** Every document that this browser gets into, the one opened last first. */
export function listKept(
  storage: TokenStorage | undefined,
): readonly (KeptAccess & { readonly id: DocumentId })[] {
  const found: (KeptAccess & { id: DocumentId })[] = [];
  try {
    for (let index = 0; index < (storage?.length ?? 0); index++) {
      const key = storage?.key(index) ?? '';
      if (!key.startsWith(PREFIX)) continue;
      const id = parseDocumentId(key.slice(PREFIX.length));
      const access = readKept(storage, id);
      if (access !== undefined) found.push({ id, ...access });
    }
  } catch {
    // Forbidden, or written by something else: what was found counts.
  }
  return found.sort((one, other) => other.openedAt - one.openedAt);
}

function parseKept(json: string): KeptAccess | undefined {
  const { token, role, openedAt } = Object(JSON.parse(json)) as Partial<KeptAccess>;
  if (typeof token !== 'string' || token === '') return undefined;
  const known = ROLES.find((name) => name === role);
  if (known === undefined || typeof openedAt !== 'number') return undefined;
  return { token, role: known, openedAt };
}
