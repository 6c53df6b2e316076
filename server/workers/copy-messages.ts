import type { CopyFailure } from './copy-failure.js';
import type { CopyAnswer, CopyFeed, CopyTask, FollowedChange } from './copy-work.js';

/** What the thread is asked; one request at a time. */
export interface CopyRequest {
  /** Number of the copy; a new one is made. `undefined` if there is nothing to do but to let go of others. */
  readonly copy: number | undefined;
  readonly feed: CopyFeed | undefined;
  readonly task: CopyTask;
  /** Copies that nobody needs any more. */
  readonly drops: readonly number[];
}

/** What has happened to what is followed in a copy. */
export type CopyNews = { readonly number: number } & (
  | { readonly change: FollowedChange }
  | { readonly failure: CopyFailure }
);

export interface CopyReply {
  /** In the order of the log. */
  readonly news: readonly CopyNews[];
  /** What the copy takes, in bytes of updates. */
  readonly bytes: number;
  readonly outcome:
    | { readonly kind: 'done'; readonly answer: CopyAnswer }
    /** The task was refused; the copy goes on. */
    | ({ readonly kind: 'refused' } & CopyFailure)
    /** The copy is gone. */
    | ({ readonly kind: 'broken' } & CopyFailure);
}
