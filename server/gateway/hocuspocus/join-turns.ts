import type { Clock, Timer } from '../../../shared/time.js';
import type { WebSocketLine } from '../websocket/web-socket-line.js';

/** So many documents are sent at the same time, which is what a line takes of large ones. */
const MAX_JOINING = 2;
/** Nobody is sent a document while so much waits for the line, in bytes; it is looked again after so long, in milliseconds. */
const MAX_QUEUED_BYTES = 4 * 1024 * 1024;
const LOOK_EVERY_MS = 50;

/** Sends the documents of one connection one after the other: all at once could be more than may wait for a slow line. */
export class JoinTurns {
  private readonly joining = new Set<object>();
  private readonly waiting = new Map<object, () => void>();
  private timer: Timer | undefined;

  constructor(
    private readonly line: Pick<WebSocketLine, 'queuedBytes'>,
    private readonly clock: Clock,
  ) {}

  /** Calls `join` when it is its turn; `done` has to follow. Whoever waits already waits with the newer one. */
  enter(who: object, join: () => void): void {
    if (this.joining.has(who)) join();
    else {
      this.waiting.set(who, join);
      this.next();
    }
  }

  /** The document was sent, or is not wanted any more. */
  done(who: object): void {
    this.joining.delete(who);
    this.waiting.delete(who);
    this.next();
  }

  private next(): void {
    for (const [who, join] of this.waiting) {
      if (this.joining.size >= MAX_JOINING || this.timer !== undefined) return;
      if (this.line.queuedBytes() > MAX_QUEUED_BYTES) {
        this.timer = this.clock.schedule(LOOK_EVERY_MS, () => {
          this.timer = undefined;
          this.next();
        });
        return;
      }
      this.waiting.delete(who);
      this.joining.add(who);
      join();
    }
  }
}
