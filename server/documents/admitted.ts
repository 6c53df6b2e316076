import type { Grant } from '../auth/access.js';

/** What a client was granted, and which changes of access are in it already. */
export interface Admission {
  readonly grant: Grant;
  readonly revision: number;
  /** When that was, in milliseconds since the Unix epoch. */
  readonly at: number;
}
