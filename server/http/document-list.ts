import { CoscribeError } from '../../shared/errors.js';
import { parseDocumentId } from '../../shared/ids.js';
import type { DocumentSummary, ListQuery } from '../storage/store.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

/** A document in `GET /api/documents`. Times are ISO 8601, UTC. */
export interface ListedDocument {
  readonly id: string;
  readonly workspace: string;
  readonly name: string;
  readonly head: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/**
 * Reads `limit` and `workspace` of a list request.
 *
 * @throws CoscribeError `bad-request`, `invalid-document-id`
 */
export function parseListQuery(parameters: {
  limit?: string | undefined;
  workspace?: string | undefined;
}): ListQuery {
  const { limit: rawLimit, workspace } = parameters;
  const limit = rawLimit === undefined ? DEFAULT_LIMIT : /^\d{1,9}$/.test(rawLimit) ? Number(rawLimit) : 0;
  if (limit < 1 || limit > MAX_LIMIT) {
    throw new CoscribeError('bad-request', `"limit" must be a whole number from 1 to ${MAX_LIMIT}`);
  }
  if (workspace === undefined) return { limit };
  // A workspace follows the rule of a name's part; any valid name makes a whole of it.
  parseDocumentId(`${workspace}/any`);
  return { limit, workspace };
}

export function listedDocument(summary: DocumentSummary): ListedDocument {
  const slash = summary.id.indexOf('/');
  return {
    id: summary.id,
    workspace: summary.id.slice(0, slash),
    name: summary.id.slice(slash + 1),
    head: summary.head,
    createdAt: new Date(summary.createdAt).toISOString(),
    updatedAt: new Date(summary.updatedAt).toISOString(),
  };
}
