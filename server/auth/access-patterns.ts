import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import { ROLES, type Role } from '../../shared/protocol.js';
import type { Access } from './access.js';

/** Most patterns of one person. */
export const MAX_PATTERNS = 1000;

/** `*`, `acme/*` or `acme/team-*`: what comes before the star is the beginning of a document's name. */
const BEGINNING = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}\/(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,62})?)?\*$/;

/**
 * What one person may do where: a role for documents (`acme/handbook`), for documents whose names begin alike
 * (`acme/team-*`), for workspaces (`acme/*`) and for everything (`*`). Of the patterns that fit a document the longest counts, and its own
 * name before all others, whether that gives more or less.
 */
export class AccessPatterns {
  private constructor(
    private readonly documents: ReadonlyMap<DocumentId, Role>,
    /** Longest first. */
    private readonly beginnings: readonly (readonly [start: string, role: Role])[],
  ) {}

  /**
   * @param patterns an object with a role for each pattern; anything else is refused
   * @throws TypeError which says what is wrong, without the values
   */
  static read(patterns: unknown): AccessPatterns {
    if (typeof patterns !== 'object' || patterns === null || Array.isArray(patterns))
      throw new TypeError('is an object with a role for each document or pattern');
    const entries = Object.entries(patterns);
    if (entries.length > MAX_PATTERNS) throw new TypeError(`has more than ${MAX_PATTERNS} entries`);
    const documents = new Map<DocumentId, Role>();
    const beginnings: [string, Role][] = [];
    for (const [at, [pattern, value]] of entries.entries()) {
      const role = ROLES.find((candidate) => candidate === value);
      if (role === undefined)
        throw new TypeError(`has a role other than ${ROLES.join(', ')} (entry ${at + 1})`);
      if (BEGINNING.test(pattern)) beginnings.push([pattern.slice(0, -1), role]);
      else {
        const id = readId(pattern);
        if (id === undefined)
          throw new TypeError(
            `has a pattern that is no document, "workspace/*", "workspace/start*" or "*" (entry ${at + 1})`,
          );
        if (documents.has(id)) throw new TypeError(`names a document twice (entry ${at + 1})`);
        documents.set(id, role);
      }
    }
    return new AccessPatterns(
      documents,
      beginnings.sort(([a], [b]) => b.length - a.length),
    );
  }

  accessTo(document: DocumentId): Access {
    const own = this.documents.get(document);
    if (own !== undefined) return own;
    return this.beginnings.find(([start]) => document.startsWith(start))?.[1] ?? 'none';
  }
}

function readId(raw: string): DocumentId | undefined {
  try {
    return parseDocumentId(raw);
  } catch {
    return undefined;
  }
}
