import type { DocumentSummary, ListQuery } from '../../server/index.js';

/** What of all documents a query asks for. */
export function listed(
  documents: readonly DocumentSummary[],
  { workspace, prefix = '', order = 'updated', after, limit }: ListQuery,
): DocumentSummary[] {
  const beginning = workspace === undefined ? prefix : `${workspace}/${prefix}`;
  const time = ({ createdAt, updatedAt }: DocumentSummary) =>
    order === 'name' ? 0 : order === 'created' ? createdAt : updatedAt;
  const isBehind = (document: DocumentSummary) => {
    if (after === undefined) return true;
    const at = order === 'name' ? 0 : after.at;
    return time(document) < at || (time(document) === at && document.id > after.id);
  };
  return documents
    .filter((document) => document.id.startsWith(beginning) && isBehind(document))
    .sort((a, b) => time(b) - time(a) || (a.id < b.id ? -1 : 1))
    .slice(0, Math.max(0, limit));
}
