import { type DeleteRanges, deletesOf, withoutDeletes } from '../../../shared/delete-ranges.js';
import { CoscribeError } from '../../../shared/errors.js';
import { decodeFrame } from '../../../shared/frames.js';
import type { Broadcast } from '../../documents/broadcast.js';
import { isNothing } from './sync-news.js';

type Settle = (outcome: CoscribeError | 'in the document') => void;

/** What is remembered of what a client was sent: frames that delete something, about as many as cross with its answer. */
const MOST_FRAMES = 64;
/** What larger ones delete is not looked up, in bytes: that would take milliseconds, and much to remember. */
const MOST_FRAME_BYTES = 16 * 1024;
/**
 * So many may wait, and so large, in bytes, of so many clients: each is compared with whatever is deleted later, for each of
 * those who only read. Tidying takes little.
 */
const MOST_WAITING = 8;
const MOST_BYTES = 512;
const MOST_CLIENTS = 8;

/** Stands for "what it deletes" in `Broadcast.encodeOnce`. */
const DELETES = {};

/** Whether an update, as Yjs encodes it, has no structs. */
export function onlyDeletes(update: Uint8Array): boolean {
  return update[0] === 0;
}

/**
 * What a client deletes that may not write. Of what others did Yjs deletes formats without effect, in every copy by itself
 * (yjs 13.6, `cleanupYTextAfterTransaction`), and the published clients send that as they send any edit. It is none of the
 * reader's, and is not taken. But each copy of somebody who may write does the same at that moment: so the document has it a
 * moment before or after, and then the client is told what is true, that there is nothing unsaved. What the document does not
 * get was deleted by a person, and stays unsaved.
 */
export class ReaderDeletions {
  /** What was deleted by what the client was sent last, oldest first. */
  private known: DeleteRanges[] = [];
  private waiting: { rest: Uint8Array; readonly settle: Settle }[] = [];

  /** The client is sent what is in the log. */
  sent(frame: Broadcast): void {
    const deletes = frame.encodeOnce(DELETES, readDeletes);
    if (deletes.size === 0) return;
    this.known.push(deletes);
    if (this.known.length > MOST_FRAMES) this.known.shift();
    if (this.waiting.length > 0)
      this.waiting = this.waiting.filter((one) => {
        one.rest = withoutDeletes(one.rest, deletes);
        return !isDone(one);
      });
  }

  /**
   * The client has deleted something.
   *
   * @param settle told once; later, or never, if somebody else has to delete it first
   * @throws CoscribeError `invalid-update`, `update-refused`
   */
  take(update: Uint8Array, settle: Settle): void {
    const [, clients = 0] = update;
    if (update.length > MOST_BYTES || clients > MOST_CLIENTS || this.waiting.length === MOST_WAITING) {
      settle(new CoscribeError('read-only'));
      return;
    }
    const one = { rest: withoutDeletes(update, new Map()), settle };
    for (const deletes of this.known) {
      if (isNothing(one.rest)) break;
      one.rest = withoutDeletes(one.rest, deletes);
    }
    if (!isDone(one)) this.waiting.push(one);
  }

  /** What waits is the client's own, until it is asked for it. */
  refuse(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const { settle } of waiting) settle(new CoscribeError('read-only'));
  }
}

/** Once for all clients that may only read, and for each frame: what it deletes. */
function readDeletes(frame: Uint8Array): DeleteRanges {
  return frame.length > MOST_FRAME_BYTES ? new Map() : deletesOf(decodeFrame(frame).updates);
}

function isDone({ rest, settle }: { readonly rest: Uint8Array; readonly settle: Settle }): boolean {
  const isDone = isNothing(rest);
  if (isDone) settle('in the document');
  return isDone;
}
