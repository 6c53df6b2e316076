import { CoscribeError } from '../../shared/errors.js';
import type { DocumentSummary, ListOrder, ListQuery } from '../storage/store.js';
import { quoted } from './json-body.js';
import { parseWorkspace } from './workspaces.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;
const ORDERS: readonly ListOrder[] = ['updated', 'created', 'name'];
const DEFAULT_ORDER: ListOrder = 'updated';
/** What names are made of, and the slash between their parts. */
const PREFIX = /^[A-Za-z0-9._/-]{0,129}$/;

/** Parameters of `GET /api/documents`. */
export const LIST_PARAMETERS = ['workspace', 'prefix', 'order', 'limit', 'cursor'] as const;
type Parameters = Readonly<Partial<Record<(typeof LIST_PARAMETERS)[number], string>>>;

/** A document in `GET /api/documents`. Times are ISO 8601, UTC. */
export interface ListedDocument {
  readonly id: string;
  readonly workspace: string;
  readonly name: string;
  readonly head: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A list as it is asked for, without where it goes on. */
type Asked = Omit<ListQuery, 'after'> & { readonly order: ListOrder };

/** Reads the parameters of a list request but its cursor. @throws CoscribeError `bad-request`, `invalid-document-id` */
export function parseListQuery({ workspace, prefix, order, limit }: Parameters): Asked {
  if (prefix !== undefined && !PREFIX.test(prefix))
    throw new CoscribeError('bad-request', `no name begins with ${quoted(prefix)}`);
  return {
    limit: parseLimit(limit),
    order: parseOrder(order),
    ...(workspace !== undefined && { workspace: parseWorkspace(workspace) }),
    ...(prefix !== undefined && { prefix }),
  };
}

/** A document as a list shows it. */
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

function parseLimit(raw: string | undefined): number {
  const limit = raw === undefined ? DEFAULT_LIMIT : /^\d{1,9}$/.test(raw) ? Number(raw) : 0;
  if (limit < 1 || limit > MAX_LIMIT)
    throw new CoscribeError('bad-request', `"limit" must be a whole number from 1 to ${MAX_LIMIT}`);
  return limit;
}

function parseOrder(raw: string | undefined): ListOrder {
  const order = raw === undefined ? DEFAULT_ORDER : ORDERS.find((one) => one === raw);
  if (order === undefined) throw new CoscribeError('bad-request', `"order" is one of ${ORDERS.join(', ')}`);
  return order;
}
