import type { ServerResponse } from 'node:http';
import { CoscribeError } from '../../../shared/errors.js';
import type { Role } from '../../../shared/protocol.js';
import type { Clock, Random, Timer } from '../../../shared/time.js';
import type { Broadcast } from '../../documents/broadcast.js';
import type { Meter } from '../../documents/meter.js';
import type { Session } from '../../documents/session.js';
import type { SessionTransport } from '../../documents/session-transport.js';
import { Chunk } from './chunk.js';
import { EventLine } from './event-line.js';
import { accessEvent, endEvent, HEARTBEAT, type LastSeen, renewEvent, retryLine } from './events.js';
import type { Hub, HubMember } from './hub.js';
import type { PresenceLine, PresenceMember } from './presence-line.js';

/** An `EventSource` that lost its connection comes back after this, give or take half, in milliseconds. */
const RETRY_MS = 2_000;
/** One that is sent to another node has waited already. */
const MOVED_RETRY_MS = 500;
/** A stream that takes nothing for so long is cut, in milliseconds. */
const CUT_AFTER_MS = 10_000;

export interface FollowerOptions {
  readonly hub: Hub;
  readonly meter: Meter;
  /** What it has seen when it comes. */
  readonly lastSeen: LastSeen | undefined;
  /** Where it hears who is here, if it wants to know. */
  readonly presence: PresenceLine | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** It takes nothing at the moment, or has been told to end: it is to be looked after until `lookAfter` says no. */
  onStalled(follower: EventFollower): void;
  /** It is gone. Called once. */
  onGone(follower: EventFollower): void;
}

/**
 * One event stream: a member of a hub, from which it has the content, and a session of the document, from which it has
 * everything else. It takes nothing from its client.
 */
export class EventFollower implements SessionTransport, HubMember, PresenceMember {
  readonly protocol = 'events';
  readonly meter: Meter;
  private position: LastSeen | undefined;
  private session: Session | undefined;
  private line: EventLine | undefined;
  private reason: CoscribeError | undefined;
  /** What is said at the end, if that came before the beginning. */
  private farewell: Chunk | undefined;
  private moving: Timer | undefined;
  private isGone = false;
  /** Everybody's presence has to be sent. */
  private presenceDue: boolean;
  /** Small events that wait for room, the newest of each kind. */
  private due: Map<'access' | 'renew', Chunk> | undefined;
  /** Nothing was written since the last heartbeat. */
  private quiet = false;
  private stalled: { waiting: number; since: number } | undefined;

  constructor(private readonly options: FollowerOptions) {
    this.meter = options.meter;
    this.position = options.lastSeen;
    this.presenceDue = options.presence !== undefined;
  }

  /** Why it has ended, if it has. */
  get over(): CoscribeError | undefined {
    return this.reason;
  }

  get seen(): LastSeen | undefined {
    return this.position;
  }

  get free(): boolean {
    return this.reason === undefined && this.line?.free === true;
  }

  /** Enters the document. @throws CoscribeError as `Session.join` */
  async enter(session: Session): Promise<void> {
    this.session = session;
    const { lastSeen } = this.options;
    await session.join({ content: false, ...(lastSeen && { seq: lastSeen.seq }) }, ({ head }) => {
      // It names something that is not in the log.
      if (lastSeen !== undefined && lastSeen.seq > head) this.position = undefined;
    });
  }

  /** Writes from now on, to a response whose head is on its way. */
  begin(response: ServerResponse): void {
    if (this.isGone) return;
    this.line = new EventLine(response, () => this.drained());
    if (this.farewell !== undefined) {
      this.part(this.line, this.farewell);
      return;
    }
    this.write(new Chunk([retryLine(this.retryMs())]));
    this.options.hub.join(this);
    this.options.presence?.join(this);
    this.catchUp();
  }

  give(chunk: Chunk, seen: LastSeen): void {
    this.position = seen;
    this.write(chunk);
  }

  givePresence(chunk: Chunk): void {
    if (!this.presenceDue) this.write(chunk);
  }

  missPresence(): void {
    this.presenceDue = true;
  }

  /** Something has to be written now and then. */
  beat(): void {
    if (this.quiet && this.free) this.write(HEARTBEAT);
    this.quiet = true;
  }

  /** @returns `false` once it needs no looking after. @param now milliseconds, of `Clock.monotonic` */
  lookAfter(now: number): boolean {
    const { line } = this;
    if (line === undefined || this.isGone) return false;
    const { waiting } = line;
    if (this.free) {
      this.drained();
      return false;
    }
    if (this.stalled === undefined || waiting < this.stalled.waiting) this.stalled = { waiting, since: now };
    else if (now - this.stalled.since >= CUT_AFTER_MS) this.cut();
    return true;
  }

  /** The client is gone. */
  leave(): void {
    if (this.isGone) return;
    this.isGone = true;
    const { clock, hub, presence, onGone } = this.options;
    if (this.moving !== undefined) clock.cancel(this.moving);
    this.line?.release();
    hub.leave(this);
    presence?.leave(this);
    this.session?.leave();
    onGone(this);
  }

  /** Ends the stream: an `EventSource` comes back, and is told for good then if it is for good. */
  end(error: CoscribeError): void {
    this.finish(error, this.retryMs());
  }

  // What follows is for the session.

  close(reason: CoscribeError, reconnectAfterMs: number): void {
    this.finish(reason, Math.max(reconnectAfterMs, MOVED_RETRY_MS));
  }

  sendMove(afterMs: number): void {
    const { clock, random } = this.options;
    this.moving ??= clock.schedule(afterMs, () =>
      this.finish(new CoscribeError('shutting-down'), MOVED_RETRY_MS * (0.5 + random())),
    );
  }

  sendAwareness(update: Broadcast): void {
    this.options.presence?.take(update);
  }

  /** Whatever the reason is, it has to come back. */
  sendResync(reason: CoscribeError): void {
    this.end(reason);
  }

  sendAccess(role: Role): void {
    this.notify('access', accessEvent(role));
  }

  sendRenew(): void {
    this.notify('renew', renewEvent());
  }

  queuedBytes(): number {
    // What waits here is not the session's.
    return 0;
  }

  // The content comes from the hub, and a follower sends nothing that could be refused, or saved.
  sendUpdates(): void {}
  sendSaving(): void {}
  sendCheck(): void {}
  sendRefused(): void {}

  private notify(kind: 'access' | 'renew', event: Chunk): void {
    this.due ??= new Map();
    this.due.set(kind, event);
    this.catchUp();
  }

  private drained(): void {
    this.stalled = undefined;
    this.options.hub.bring(this);
    this.catchUp();
  }

  /** Whatever waits beside the content, as far as there is room. */
  private catchUp(): void {
    for (const [kind, event] of this.due ?? []) {
      if (!this.free) return;
      this.due?.delete(kind);
      this.write(event);
    }
    const { session } = this;
    if (!this.presenceDue || !this.free || session === undefined) return;
    const all = this.options.presence?.all(() => session.everybody());
    this.presenceDue = false;
    if (all !== undefined) this.write(all);
  }

  private write(chunk: Chunk): void {
    const { line } = this;
    if (line === undefined) return;
    line.write(chunk);
    this.quiet = false;
    if (!line.free) this.options.onStalled(this);
  }

  private finish(error: CoscribeError, retryMs: number): void {
    if (this.reason !== undefined) return;
    const { line, free } = this;
    const farewell = new Chunk([endEvent(error, retryMs)]);
    this.reason = error;
    this.session?.leave();
    this.options.hub.leave(this);
    this.options.presence?.leave(this);
    if (line === undefined) this.farewell = farewell;
    else if (free) this.part(line, farewell);
    else this.cut();
  }

  private part(line: EventLine, farewell: Chunk): void {
    line.write(farewell);
    line.end();
    this.options.onStalled(this);
  }

  private retryMs(): number {
    return RETRY_MS * (0.5 + this.options.random());
  }

  private cut(): void {
    this.reason ??= new CoscribeError('too-slow');
    this.line?.cut();
  }
}
