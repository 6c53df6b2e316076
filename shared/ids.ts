import { CoscribeError } from './errors.js';

declare const brand: unique symbol;

/** A checked document name, always `{workspace}/{name}`. Only `parseDocumentId` makes one. */
export type DocumentId = string & { readonly [brand]: 'DocumentId' };

/** The workspace of a name that gives none. */
export const DEFAULT_WORKSPACE = 'default';

const PART = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/;
const NAMESPACE_PREFIX = '/docs/';

/**
 * Checks a document's name: `{workspace}/{name}`, or `{name}` alone for `default/{name}`.
 *
 * @throws CoscribeError `invalid-document-id`
 */
export function parseDocumentId(raw: unknown): DocumentId {
  if (typeof raw !== 'string') throw new CoscribeError('invalid-document-id', 'the name is not a string');
  const parts = raw.split('/');
  const [workspace, name] = parts.length === 1 ? [DEFAULT_WORKSPACE, parts[0]] : parts;
  if (parts.length > 2 || !PART.test(workspace ?? '') || !PART.test(name ?? '')) {
    throw new CoscribeError('invalid-document-id', JSON.stringify(raw.slice(0, 80)));
  }
  // Not put together again: each session has one, and a slice of its namespace's name costs little.
  return (parts.length === 2 ? raw : `${workspace}/${name}`) as DocumentId;
}

/** The Socket.IO namespace that carries a document. */
export function documentNamespace(id: DocumentId): string {
  return NAMESPACE_PREFIX + id;
}

/** The document that a Socket.IO namespace carries; `undefined` if the namespace names none. */
export function parseDocumentNamespace(namespace: string): DocumentId | undefined {
  if (!namespace.startsWith(NAMESPACE_PREFIX)) return undefined;
  const raw = namespace.slice(NAMESPACE_PREFIX.length);
  // The short form would give one document two namespaces, and so two sets of listeners.
  if (!raw.includes('/')) return undefined;
  try {
    return parseDocumentId(raw);
  } catch {
    return undefined;
  }
}
