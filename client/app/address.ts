import { tokenInHash } from './page-token.js';

/** The token in the address of this page, if there is one. */
export function tokenInAddress(): string | undefined {
  return tokenInHash(location.hash, (name) => document.getElementById(name) !== null);
}

/** Takes the token out of the address, so that whoever copies the address or looks at the screen does not get it. */
export function hideToken(): void {
  if (tokenInAddress() !== undefined)
    history.replaceState(history.state, '', location.pathname + location.search);
}
