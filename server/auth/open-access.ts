import type { AccessControl, Grant, Identity } from './access.js';

const ANYBODY: Identity = { operator: true };
const EVERYTHING: Grant = { identity: ANYBODY, role: 'owner' };

/** For development: whoever reaches the server may do everything, and is asked nothing. */
export const openAccess: AccessControl = {
  mode: 'open',
  identify: () => Promise.resolve(ANYBODY),
  reader: () => Promise.resolve(() => Promise.resolve(true)),
  admit: () => Promise.resolve(EVERYTHING),
  review: () => Promise.resolve(EVERYTHING),
};
