import { backoff, type Clock, type Random, type Timer } from '../../../shared/time.js';
import type { OpenRequest, Place, Protocol, Refusal } from '../../wire/protocol.js';
import { Author } from '../author/author.js';
import type { Counts } from '../counts.js';
import type { Arrival } from '../view/arrivals.js';
import type { Identity } from '../view/client-ids.js';
import type { LoadDocument } from '../view/load-document.js';
import type { SeenMessage } from '../view/seen-messages.js';
import { View } from '../view/view.js';
import type { Writer } from '../view/writer.js';
import { afterTheEnd } from './after-the-end.js';
import { caretUpdate } from './caret-update.js';
import { Connection, type ConnectionOwner } from './connection.js';
import { isGoodbye, nameOfError } from './connection-error.js';
import { knownOf } from './known.js';
import { beyond, Outgoing } from './outgoing.js';
import type { TargetAddress } from './target.js';

/** What all clients of a process have in common. */
export interface Surroundings {
  readonly protocol: Protocol;
  readonly targets: readonly TargetAddress[];
  readonly token: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly counts: Counts;
  /** Whether clients show that they are there. */
  readonly presence: boolean;
}

/** Before an update that was refused for a passing reason is sent again. */
const RESEND_MS = 500;
/** Refusals that are final for an edit, and yet not: the client joins again and sends it again. */
const JOIN_AGAIN: readonly string[] = ['missing-dependencies', 'not-joined'];
/**
 * One client of one document, who may be a typist: his connections one after the other, what he has seen, and what he has
 * written. He has no Y.Doc.
 *
 *     outside ──connect──▶ connecting ──▶ in ──lost──▶ pausing ──▶ connecting (the next target)
 *                              └──refused for good──▶ denied        offline ──back──▶ connecting
 */
export class Client implements ConnectionOwner {
  readonly clientId: number;
  readonly view = new View();
  readonly writer: Writer | undefined;
  readonly author: Author | undefined;
  readonly outgoing: Outgoing | undefined;
  everIn = false;
  /** He comes no more, and why: the server will not have him. */
  denied: string | undefined;
  /** Without a network, as planned. */
  offline = false;
  /** He has had no network, as planned, and is not back yet: what he types meanwhile takes as long as was planned. */
  excused = false;
  /** His edits are not taken any more, whatever he does. */
  silenced = false;
  /** His copy or his clientID is of no use: somebody new has to come in his place. */
  anew = false;
  #connection: Connection | undefined;
  #target: number;
  #attempts = 0;
  #pause: Timer | undefined;
  #resend: Timer | undefined;
  #left = false;
  /** He was put out: what arrives with the next join arrived late, and that counts. */
  #wasLost = false;
  #place: Place | undefined;
  #last: SeenMessage<readonly Arrival[]> | undefined;
  #caretClock = 0;

  constructor(
    readonly document: LoadDocument,
    readonly identity: Identity,
    private readonly surroundings: Surroundings,
  ) {
    const { protocol, targets, counts } = surroundings;
    this.clientId = document.ids.idOf(identity);
    this.#target = (identity.number + identity.life) % targets.length;
    this.writer = document.writer(this.clientId);
    if (this.writer === undefined) return;
    this.author = new Author(this.clientId, this.writer.known);
    this.writer.author = this.author;
    const { acknowledges, mergesEdits } = protocol;
    const atOnce = mergesEdits === true ? 1 : Number.POSITIVE_INFINITY;
    this.outgoing = new Outgoing(this.author, document, counts, { atOnce, acknowledges });
  }

  get isIn(): boolean {
    return this.#connection?.isIn === true;
  }

  get connecting(): boolean {
    return this.#connection !== undefined && !this.isIn;
  }

  /** Where he is, or would go next. */
  get target(): TargetAddress {
    const { targets } = this.surroundings;
    const target = this.#connection?.target ?? targets[this.#target % targets.length];
    if (target === undefined) throw new RangeError('there is no target');
    return target;
  }

  /** What the problems call him. */
  get name(): string {
    const { number, life } = this.identity;
    return `client ${number}${life === 0 ? '' : ` (come ${life + 1} times)`} at ${this.target.url}`;
  }

  /** Bytes over the connection that is open; those of earlier ones are counted already. */
  get bytes(): { readonly sent: number; readonly received: number } {
    return this.#connection?.bytes ?? { sent: 0, received: 0 };
  }

  /** Begins to connect, unless he is connected. */
  connect(): void {
    this.#cancelPause();
    if (this.#connection !== undefined || this.#left || this.denied !== undefined) return;
    this.offline = false;
    const { protocol, counts } = this.surroundings;
    counts.activity++;
    this.#connection = new Connection(this.target, protocol, this.#request(), this);
  }

  /** Loses his network. He types on. */
  goOffline(): void {
    this.offline = true;
    this.excused = true;
    this.author?.times.excuse();
    this.#cancelPause();
    this.#drop()?.sever();
  }

  /** Goes for good. */
  leave(): void {
    this.#left = true;
    this.#cancelPause();
    this.#drop()?.close();
  }

  /** Looks after the connection. */
  look(now: number): void {
    this.#connection?.look(now);
  }

  /** An edit is in the text: sends it, if that is possible now. */
  edited(): void {
    const connection = this.#connection;
    if (connection?.isIn !== true || this.silenced || this.#resend !== undefined) return;
    this.outgoing?.flush(connection);
  }

  /** His caret has moved. */
  showCaret(): void {
    if (!this.isIn) return;
    const at = this.author?.text.left ?? -1;
    this.#connection?.sendAwareness(caretUpdate(this.clientId, ++this.#caretClock, at));
  }

  entered(content: readonly Uint8Array[], again: boolean): void {
    const { clock, counts, presence } = this.surroundings;
    const connection = this.#connection;
    if (connection === undefined) return;
    const now = clock.monotonic();
    counts.activity++;
    if (!again) {
      counts.joins++;
      counts.join.add(now - connection.begunAt);
      if (this.#wasLost) counts.reconnects++;
    }
    const arrivals = this.document.arrivals(content, this.name);
    this.view.take(arrivals, this.writer, this.#wasLost ? counts : undefined, now);
    this.everIn = true;
    this.excused = false;
    this.#wasLost = true;
    if (presence) this.showCaret();
    this.edited();
  }

  got(message: Buffer, decode: (message: Buffer) => readonly Uint8Array[]): void {
    const { clock, counts } = this.surroundings;
    counts.activity++;
    this.#last = this.document.seen.see(message, this.#last, (bytes) =>
      this.document.arrivals(decode(bytes), this.name),
    );
    this.view.take(this.#last.content, this.writer, counts, clock.monotonic());
  }

  acked(tag: number): void {
    const { clock, counts } = this.surroundings;
    counts.activity++;
    this.outgoing?.acked(tag, clock.monotonic());
    this.edited();
  }

  refused(_tag: number, why: Refusal): void {
    const { clock, counts, random } = this.surroundings;
    if (JOIN_AGAIN.includes(why.code)) {
      this.#connection?.cut(why.code);
      return;
    }
    if (isGoodbye(why.code, why)) counts.goodbye(why.code);
    else counts.error(why.code);
    this.outgoing?.again();
    if (!why.retryable) {
      this.silenced = true;
      return;
    }
    this.#resend ??= clock.schedule(backoff(0, RESEND_MS, RESEND_MS, random), () => {
      this.#resend = undefined;
      this.edited();
    });
  }

  wanted(stateVector: Uint8Array): Uint8Array {
    const update = beyond(stateVector, this.document, this.view, this.author);
    this.outgoing?.wanted();
    return update;
  }

  ended(reason: string, why?: Refusal): void {
    const { clock, counts, random } = this.surroundings;
    const connection = this.#drop();
    if (isGoodbye(reason, why)) counts.goodbye(reason);
    else counts.error(JOIN_AGAIN.includes(reason) ? reason : nameOfError(reason, why), reason);
    const heldMs = connection === undefined ? 0 : clock.monotonic() - connection.begunAt;
    const next = afterTheEnd(why, heldMs, this.#attempts, random);
    this.#attempts = next.attempts;
    if (next.kind === 'anew') {
      this.anew = true;
      if (this.writer !== undefined) this.writer.sentAway = `told to begin anew: ${why?.code}`;
    } else if (next.kind === 'denied') {
      this.denied = why?.code;
      if (this.writer !== undefined) this.writer.sentAway = `refused for good: ${why?.code}`;
    } else {
      this.#target++;
      this.#pause = clock.schedule(next.pauseMs, () => this.connect());
    }
  }

  /** Lets go of the connection, and keeps what is worth keeping of it. */
  #drop(): Connection | undefined {
    const connection = this.#connection;
    if (connection === undefined) return undefined;
    const { clock, counts } = this.surroundings;
    counts.activity++;
    counts.bytesSent += connection.bytes.sent;
    counts.bytesReceived += connection.bytes.received;
    this.#place = connection.place ?? this.#place;
    this.#connection = undefined;
    this.#wasLost = this.everIn && !this.offline;
    this.#last = undefined;
    if (this.#resend !== undefined) clock.cancel(this.#resend);
    this.#resend = undefined;
    this.outgoing?.again();
    return connection;
  }

  #cancelPause(): void {
    if (this.#pause !== undefined) this.surroundings.clock.cancel(this.#pause);
    this.#pause = undefined;
  }

  #request(): OpenRequest {
    const { token } = this.surroundings;
    const known = this.everIn ? knownOf(this, this.#place) : undefined;
    return {
      document: this.document.name,
      clientId: this.clientId,
      ...(token === undefined ? {} : { token }),
      ...(known === undefined ? {} : { known }),
    };
  }
}
