import { CoscribeError } from '../../shared/errors.js';
import { type Role, roleReaches } from '../../shared/protocol.js';

/** What can be done in a document, and who may. Every protocol asks here, through the documents. */
const LEAST_ROLE = {
  read: 'viewer',
  'show-presence': 'viewer',
  edit: 'editor',
  create: 'editor',
  share: 'owner',
  delete: 'owner',
  move: 'owner',
  restore: 'owner',
} as const satisfies Record<string, Role>;

export type Operation = keyof typeof LEAST_ROLE;

export const OPERATIONS = Object.keys(LEAST_ROLE) as readonly Operation[];

/** @throws CoscribeError `read-only` for an edit, otherwise `not-allowed` */
export function demand(role: Role, operation: Operation): void {
  if (roleReaches(role, LEAST_ROLE[operation])) return;
  throw new CoscribeError(operation === 'edit' ? 'read-only' : 'not-allowed');
}
