import type { DocumentSummary, ListOrder, ListPlace, ListQuery } from './store.js';

/** Comes after every character that a document's name can have. */
const LAST = '\x7f';

/** As many documents at most are read and sorted for a list of those whose names begin alike. */
export const FEW_NAMES = 3_000;

/** Before everything, in every order. */
const BEGINNING = { at: Number.MAX_SAFE_INTEGER, id: '' };

/** The names that a query means: `from` and those after it, before `to`. */
export interface NameRange {
  readonly from: string;
  readonly to: string;
}

/** Which names a query means. */
export function namesOf({ workspace, prefix = '' }: ListQuery): NameRange {
  const from = workspace === undefined ? prefix : `${workspace}/${prefix}`;
  return { from, to: `${from}${LAST}` };
}

/** Where a list begins: behind this place. */
export function placeBefore({ after }: ListQuery): { readonly at: number; readonly id: string } {
  return after ?? BEGINNING;
}

/** Where a document is in a list of that order. */
function placeOf({ id, createdAt, updatedAt }: DocumentSummary, order: ListOrder): ListPlace {
  return { id, at: order === 'name' ? 0 : order === 'created' ? createdAt : updatedAt };
}

/** What of all documents a query asks for. */
export function pickListed(documents: Iterable<DocumentSummary>, query: ListQuery): DocumentSummary[] {
  const { from, to } = namesOf(query);
  const { order = 'updated', limit } = query;
  const after = order === 'name' ? { at: 0, id: query.after?.id ?? '' } : placeBefore(query);
  return [...documents]
    .map((summary) => ({ summary, place: placeOf(summary, order) }))
    .filter(({ place }) => place.id >= from && place.id < to && compare(after, place) < 0)
    .sort((a, b) => compare(a.place, b.place))
    .slice(0, Math.max(0, limit))
    .map(({ summary }) => summary);
}

type Place = { readonly at: number; readonly id: string };

function compare(a: Place, b: Place): number {
  return b.at - a.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
