import type { JoinedUser } from '../../shared/protocol.js';
import type { Grant } from '../auth/access.js';

/** A new token is asked for so long before the old one ends, or a third of its time, in milliseconds. */
const RENEW_BEFORE_MS = 30_000;
const RENEW_SHARE = 1 / 3;

/** What a client was granted, and which changes of access are in it already. */
export interface Admission {
  readonly grant: Grant;
  readonly revision: number;
  /** When that was, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** Where the client came from. */
  readonly address?: string | undefined;
  /** It is the application itself, which nobody asks about, and whose edits are attributed to this author. */
  readonly application?: { readonly author: string };
}

/** `late`: it ends soon. `over`: it has ended. */
export type Age = 'endless' | 'fine' | 'late' | 'over';

/** @param now milliseconds since the Unix epoch */
export function ageOf({ grant: { expiresAt }, at }: Admission, now: number): Age {
  if (expiresAt === undefined) return 'endless';
  if (now >= expiresAt) return 'over';
  const before = Math.min(RENEW_BEFORE_MS, (expiresAt - at) * RENEW_SHARE);
  return now >= expiresAt - before ? 'late' : 'fine';
}

/** What others see of somebody whatever he says himself. */
export function shownAs({ grant }: Admission): JoinedUser | undefined {
  const { name, color } = grant.identity;
  if (name === undefined && color === undefined) return undefined;
  return { ...(name !== undefined && { name }), ...(color !== undefined && { color }) };
}
