import { type Role, roleReaches } from '../../shared/protocol.js';

/** What somebody is told when he may do something else than before; `undefined` if nothing changed for him. */
export function roleChange(before: Role, now: Role): string | undefined {
  if (before === now) return undefined;
  if (now === 'viewer') return 'You can only read now';
  if (before === 'viewer')
    return now === 'owner' ? 'You are an owner now: you can write and share' : 'You can write now';
  return roleReaches(now, 'owner')
    ? 'You are an owner now: you can share and delete'
    : 'You can still write, but no longer share';
}
