import type { Authenticator } from './access.js';

/** For teams without an identity provider: nobody is known, and only links open anything. */
export const linksOnly: Authenticator = {
  authenticate: () => ({}),
  authorize: () => 'none',
};
