import type { ClusterStatus } from './status.js';

/** What the process that owns the cluster tells the one at the terminal. */
export type KeeperMessage =
  | { readonly kind: 'starting'; readonly what: string }
  | { readonly kind: 'status'; readonly status: ClusterStatus }
  | { readonly kind: 'failed'; readonly problem: string }
  /** Nothing runs any more; `clean` if all of it ended in order. */
  | { readonly kind: 'stopped'; readonly clean: boolean };

/** What it is told: stop in order. Losing the connection means the same. */
export type FrontMessage = 'stop';
