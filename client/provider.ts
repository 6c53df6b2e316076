import { ObservableV2 } from 'lib0/observable';
import * as random from 'lib0/random';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { CoscribeError, toCoscribeError, type WireError } from '../shared/errors.js';
import { decodeFrame, decodeUpdateList, frameEnd } from '../shared/frames.js';
import { type DocumentId, parseDocumentId } from '../shared/ids.js';
import type { ContentCheck, Joined, JoinRequest, Role } from '../shared/protocol.js';
import { type Clock, systemClock, type Timer } from '../shared/time.js';
import { clientKeyOf } from './client-key.js';
import {
  type ConnectionEvent,
  type ConnectionState,
  nextConnection,
  type ProviderStatus,
  statusOf,
} from './connection-state.js';
import { ContentComparison } from './content-comparison.js';
import { copyOf, joinedOf } from './join-copy.js';
import { MovableChannel, type SecondLine } from './movable-channel.js';
import { Outbox } from './outbox.js';
import { Patience } from './patience.js';
import { PresenceSync } from './presence-sync.js';
import { Progress } from './progress.js';
import type { ProviderEvents, ProviderOptions } from './provider-options.js';
import { readBytes, readCheck, readCommitted, readJoined } from './read-messages.js';
import { connectTo } from './socket-io-channel.js';

/** How long the server may take to accept the connection, and to answer a join. */
const ANSWER_TIMEOUT_MS = 30_000;
/**
 * Keeps a `Y.Doc` in step with a document on the server. What is changed locally goes out at once and is
 * confirmed when it is on the server's disk; what is changed while there is no connection goes out later.
 */
export class CoscribeProvider extends ObservableV2<ProviderEvents> {
  readonly document: DocumentId;
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  private readonly channel: MovableChannel;
  private readonly presence: PresenceSync;
  private readonly clock: Clock;
  private readonly patience: Patience;
  private readonly outbox = new Outbox();
  private readonly progress = new Progress();
  private readonly comparison: ContentComparison;
  private connection: ConnectionState = 'paused';
  private joined: Joined | undefined;
  /** clientID of the join under way or in force. */
  private clientId = 0;
  /** Answers of an earlier connection or join are recognised by their number and ignored. */
  private attempt = 0;
  /** Of the next attempt, the answer that is due, or, while live, of what is to be sent again. */
  private timer: Timer | undefined;
  private serverSaves = true;
  private lastError: WireError | undefined;

  /** @throws CoscribeError `invalid-document-id` */
  constructor(options: ProviderOptions) {
    super();
    this.document = parseDocumentId(options.document);
    this.doc = options.doc ?? new Y.Doc();
    this.clock = options.clock ?? systemClock();
    const random = options.random ?? Math.random;
    this.patience = new Patience(this.clock, random);
    this.awareness = new Awareness(this.doc);
    if (options.presence !== undefined) this.awareness.setLocalStateField('user', options.presence);
    const connect = options.connectChannel ?? connectTo(options.url);
    this.channel = new MovableChannel({
      connect: (events) => connect(this.document, events),
      clock: this.clock,
      random,
      events: {
        opened: () => this.step('opened'),
        closed: () => this.step('closed'),
        reachable: () => this.step('retry-due'),
        refused: (error) => this.refused(error),
        updates: (frame) => this.guarded(() => this.receive(frame)),
        awareness: (update) => this.guarded(() => this.presence.received(readBytes(update))),
        resync: (reason) => this.interrupted(reason),
        saving: (possible) => this.setServerSaves(possible),
        check: (seq, hash) => this.guarded(() => this.comparison.begin(readCheck(seq, hash))),
        messageRefused: (error) => this.noteError(error),
        bye: (reason, reconnectAfterMs) => this.dismissed(reason, reconnectAfterMs),
        secondLine: (line) => this.changeOver(line),
      },
    });
    this.presence = new PresenceSync(this.awareness, {
      clock: this.clock,
      send: (update) => this.channel.awareness(update),
    });
    this.comparison = new ContentComparison({
      doc: this.doc,
      clock: this.clock,
      holds: (seq) => this.synced && this.unsavedChanges === 0 && this.progress.isExactly(seq),
      differs: (check, own) => this.diverged(check, own),
    });
    // A document that is not empty has content that the server may lack.
    if (this.doc.store.clients.size > 0) this.outbox.add(Y.encodeStateAsUpdate(this.doc), undefined);
    this.doc.on('update', this.onUpdate);
    if (options.autoConnect !== false) this.connect();
  }

  get status(): ProviderStatus {
    return statusOf(this.connection, this.patience.failures);
  }

  get synced(): boolean {
    return this.connection === 'live';
  }

  /** Local changes that are not on the server's disk yet, one per Yjs transaction. */
  get unsavedChanges(): number {
    return this.outbox.changes;
  }

  /** `false` while the server says that it cannot save. */
  get saving(): boolean {
    return this.serverSaves;
  }

  /** What this client may do; unknown before the first join. */
  get role(): Role | undefined {
    return this.joined?.role;
  }

  /** Why the connection was refused or a change rejected, until things are well again. */
  get error(): WireError | undefined {
    return this.lastError;
  }

  /** Connects, or tries again at once. */
  connect(): void {
    this.step('connect');
  }

  /** Stays away until `connect`; the document stays usable, and changes are kept. */
  disconnect(): void {
    this.step('disconnect');
  }

  /** Ends the connection and lets go of everything. Changes that are not saved are gone with the document. */
  override destroy(): void {
    if (this.connection === 'destroyed') return;
    this.step('destroy');
    this.comparison.giveUp();
    this.channel.destroy();
    this.doc.off('update', this.onUpdate);
    this.presence.destroy();
    this.awareness.destroy();
    super.destroy();
  }

  /** The one place where the connection goes on: whatever happens comes here as an event. */
  private step(event: ConnectionEvent, delay?: number): void {
    const before = this.connection;
    const { next, action } = nextConnection(before, event);
    this.connection = next;
    if (before === 'live' && next !== 'live') this.outbox.returned();
    if (before === 'live') this.patience.lost();
    if (next === 'waiting' && before !== 'waiting') this.patience.attemptFailed();
    if (event === 'connect' || event === 'disconnect') this.patience.begin();
    switch (action) {
      case 'open':
        this.startTimer(ANSWER_TIMEOUT_MS, () => this.step('later'));
        this.channel.open();
        break;
      case 'join':
        this.join();
        break;
      case 'wait':
        this.away();
        this.startTimer(delay ?? this.patience.pauseAfterFailure(), () => this.step('retry-due'));
        break;
      case 'close':
        this.stopTimer();
        this.away();
        break;
      case undefined:
        break;
    }
    if (before !== next) this.changed();
  }

  /** Ends what belongs to the connection. */
  private away(): void {
    this.attempt++;
    this.channel.close();
    this.presence.left();
  }

  private join(): void {
    const attempt = ++this.attempt;
    this.clientId = this.doc.clientID;
    this.presence.follow(this.clientId);
    this.startTimer(ANSWER_TIMEOUT_MS, () => this.step('later'));
    this.channel.join(this.joinRequest(), (reply) => {
      if (attempt === this.attempt) this.guarded(() => this.welcome(reply));
    });
  }

  private joinRequest(): JoinRequest {
    const known =
      this.joined === undefined ? {} : { generation: this.joined.generation, seq: this.progress.seq };
    return { clientId: this.clientId, clientKey: clientKeyOf(this.doc), ...known, ...copyOf(this.doc) };
  }

  private welcome(raw: unknown): void {
    const reply = readJoined(raw);
    if (!reply.ok) {
      this.refused(reply.error);
      return;
    }
    const joined = reply.value;
    this.enter(joined);
    this.step('joined');
    this.presence.joined(joined.awareness);
    this.sendNext();
  }

  /** Takes what a join has brought. */
  private enter(joined: Joined): void {
    this.stopTimer();
    this.apply(decodeUpdateList(joined.content));
    this.joined = joined;
    this.progress.reset(joined.head);
    this.serverSaves = joined.saving;
    this.lastError = undefined;
    this.patience.joined();
  }

  /**
   * Joins over a second line while the first goes on, and then uses the second: nothing of it shows. What is under way
   * over the first is sent again over the second.
   */
  private changeOver(line: SecondLine): void {
    const { attempt } = this;
    const mayChange = (): boolean =>
      this.connection === 'live' && attempt === this.attempt && this.doc.clientID === this.clientId;
    if (!mayChange()) {
      line.giveUp();
      return;
    }
    line.join(this.joinRequest(), (raw) => {
      const joined = mayChange() ? joinedOf(raw) : undefined;
      if (joined === undefined) {
        line.giveUp();
        return;
      }
      line.use();
      this.attempt++;
      this.outbox.returned();
      this.guarded(() => {
        this.enter(joined);
        this.presence.moved(joined.awareness);
        this.sendNext();
      });
      this.changed();
    });
  }

  private receive(raw: unknown): void {
    if (this.connection !== 'live') return;
    const frame = decodeFrame(readBytes(raw));
    if (this.progress.received(frame.from, frameEnd(frame))) this.apply(frame.updates);
    else this.interrupted(new CoscribeError('missing-dependencies').toWire());
  }

  /** In one transaction, so that an editor is told once. */
  private apply(updates: readonly Uint8Array[]): void {
    this.doc.transact(() => {
      for (const update of updates) Y.applyUpdate(this.doc, update, this);
    }, this);
  }

  private readonly onUpdate = (
    update: Uint8Array,
    origin: unknown,
    _doc: Y.Doc,
    { local }: Y.Transaction,
  ): void => {
    if (origin === this) return;
    this.outbox.add(update, local ? this.doc.clientID : undefined);
    this.sendNext();
    this.changed();
  };

  /** Sends the next message of the outbox, if its turn has come. */
  private sendNext(): void {
    if (this.connection !== 'live' || this.joined === undefined || this.timer !== undefined) return;
    // Yjs takes another clientID when it finds its own in use; the server must know whose edits come.
    if (this.doc.clientID !== this.clientId) {
      this.step('interrupted');
      return;
    }
    const { attempt } = this;
    try {
      const message = this.outbox.next(this.clientId, this.joined.limits);
      if (message === undefined) return;
      this.channel.update(message.update, message.kind, (reply) => {
        if (attempt === this.attempt) this.guarded(() => this.answered(reply));
      });
    } catch (error) {
      this.rejected(toCoscribeError(error).toWire());
    }
  }

  private answered(raw: unknown): void {
    const reply = readCommitted(raw);
    if (reply.ok) {
      this.outbox.confirmed();
      this.patience.saved();
      this.lastError = undefined;
      this.progress.confirmed(reply.value.seq);
      this.sendNext();
      this.changed();
      return;
    }
    this.outbox.returned();
    const { error } = reply;
    if (error.code === 'missing-dependencies') this.interrupted(error);
    else if (error.retryable) this.sendLater(error);
    else this.rejected(error);
  }

  /** The server can't take it now; nothing is wrong with the connection. */
  private sendLater(error: WireError): void {
    this.lastError = error;
    this.startTimer(this.patience.pauseBeforeSending(), () => this.sendNext());
    this.changed();
  }

  private rejected(error: WireError): void {
    this.lastError = error;
    this.emit('rejected', [error]);
    this.step('denied');
  }

  /** The stream has a hole; joining again fills it. */
  private interrupted(reason: WireError): void {
    if (this.connection !== 'live') return;
    if (this.patience.interrupted()) this.step('interrupted');
    else this.refused(reason);
  }

  /** This copy is wrong, and nothing tells why: whatever is changed in it from now on must not reach anybody. */
  private diverged(check: ContentCheck, own: string): void {
    this.channel.diverged(check.seq, own);
    this.lastError = new CoscribeError('copy-diverged').toWire();
    this.step('diverged');
    this.emit('diverged', [check, own]);
  }

  private refused(error: WireError): void {
    this.lastError = error;
    // Somebody else writes under this clientID. Yjs lets a document change its own between transactions.
    if (error.code === 'client-id-in-use') this.doc.clientID = random.uint32();
    const again = error.retryable || error.code === 'client-id-in-use';
    this.step(again ? 'later' : 'denied', this.patience.pauseAfterRefusal(error.code));
  }

  private dismissed(reason: WireError, reconnectAfterMs: number): void {
    this.lastError = reason;
    if (reconnectAfterMs < 0) this.step('denied');
    else this.step('later', reconnectAfterMs);
  }

  /** Runs what handles a message; a message that makes no sense ends the connection, not the page. */
  private guarded(handle: () => void): void {
    try {
      handle();
    } catch (error) {
      this.lastError = toCoscribeError(error).toWire();
      this.step('later');
    }
  }

  private setServerSaves(possible: boolean): void {
    this.serverSaves = possible;
    this.changed();
  }

  private noteError(error: WireError): void {
    this.lastError = error;
    this.changed();
  }

  private startTimer(delay: number, run: () => void): void {
    this.stopTimer();
    this.timer = this.clock.schedule(delay, () => {
      this.timer = undefined;
      run();
    });
  }

  private stopTimer(): void {
    if (this.timer !== undefined) this.clock.cancel(this.timer);
    this.timer = undefined;
  }

  private changed(): void {
    this.emit('change', []);
  }
}
