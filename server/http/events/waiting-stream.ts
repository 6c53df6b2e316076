import type { ServerResponse } from 'node:http';
import { type CoscribeError, toCoscribeError } from '../../../shared/errors.js';
import type { Random } from '../../../shared/time.js';
import type { Followed } from '../../copies/copies.js';
import { Chunk } from './chunk.js';
import type { EventFollower } from './event-follower.js';
import { EventLine } from './event-line.js';
import { endEvent, HEARTBEAT, retryLine, snapshotEvent } from './events.js';

/** An `EventSource` comes back after this, give or take half, in milliseconds. */
const RETRY_MS = 2_000;
/** What is not there yet is of no generation: whoever comes back with this gets a snapshot. */
const NO_GENERATION = 'none';

export interface WaitingStreamOptions {
  readonly what: Followed;
  readonly random: Random;
  /**
   * Follows the document in earnest, if there is one by now and he still may.
   *
   * @throws CoscribeError why he may not, or not now
   */
  follow(): Promise<EventFollower | undefined>;
  /** It is gone, or waits no more. Called once. */
  onGone(stream: WaitingStream): void;
}

/** The event stream of a document that nobody has made yet: empty until there is one, and from then on as any other. */
export class WaitingStream {
  private response: ServerResponse | undefined;
  private line: EventLine | undefined;
  private follower: EventFollower | undefined;
  private state: 'waiting' | 'following' | 'gone' = 'waiting';

  constructor(private readonly options: WaitingStreamOptions) {}

  /** Writes from now on, to a response whose head is on its way. */
  begin(response: ServerResponse): void {
    if (this.state !== 'waiting') return;
    const { what, random } = this.options;
    this.response = response;
    this.line = new EventLine(response, () => {});
    this.line.write(new Chunk([retryLine(RETRY_MS * (0.5 + random()))]));
    this.line.write(snapshotEvent(what.as, { generation: NO_GENERATION, seq: 0, body: nothingOf(what) }));
  }

  /** Something has to be written now and then. */
  beat(): void {
    if (this.line?.free === true) this.line.write(HEARTBEAT);
  }

  /** There may be a document now. Never rejects. */
  async arrive(): Promise<void> {
    const { line, response } = this;
    if (this.state !== 'waiting' || line === undefined || response === undefined) return;
    try {
      const follower = await this.options.follow();
      if (follower === undefined) return;
      if (this.isGone) follower.leave();
      else {
        this.state = 'following';
        this.follower = follower;
        line.release();
        this.options.onGone(this);
        follower.begin(response);
      }
    } catch (error) {
      this.end(toCoscribeError(error));
    }
  }

  /** Ends the stream: an `EventSource` comes back, and is told for good then if it is for good. */
  end(error: CoscribeError): void {
    if (this.state !== 'waiting') return;
    this.state = 'gone';
    const { line } = this;
    if (line?.free === true) {
      line.write(new Chunk([endEvent(error, RETRY_MS * (0.5 + this.options.random()))]));
      line.end();
    } else line?.cut();
    this.options.onGone(this);
  }

  /** The client is gone. */
  leave(): void {
    this.follower?.leave();
    if (this.state !== 'waiting') return;
    this.state = 'gone';
    this.line?.release();
    this.options.onGone(this);
  }

  /** It may have gone while something was waited for. */
  private get isGone(): boolean {
    return this.state === 'gone';
  }
}

/** What is seen of what is not there, as `Following.body`. */
function nothingOf({ as, root }: Followed & { readonly root?: string }): Uint8Array {
  if (as === 'text') return Buffer.from('{"text":""}');
  return Buffer.from(root === undefined ? '{}' : 'null');
}
