import { ObservableV2 } from 'lib0/observable';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { CoscribeError, type WireError } from '../shared/errors.js';
import { type DocumentId, parseDocumentId } from '../shared/ids.js';
import type { ContentCheck, Joined, JoinedUser, Role } from '../shared/protocol.js';
import { systemClock } from '../shared/time.js';
import { ConnectionDriver } from './connection-driver.js';
import type { ProviderStatus } from './connection-state.js';
import { ContentComparison } from './content-comparison.js';
import { Entrance } from './entrance.js';
import { MovableChannel, type MovableChannelEvents } from './movable-channel.js';
import { OwnUser } from './own-user.js';
import { Patience } from './patience.js';
import { PresenceSync } from './presence-sync.js';
import type { ProviderEvents, ProviderOptions } from './provider-options.js';
import { readBytes, readCheck, readRenewed, readRole } from './read-messages.js';
import { rejectedEdits } from './rejected-edits.js';
import { Renewal } from './renewal.js';
import { Replica } from './replica.js';
import { Sender } from './sender.js';
import { connectTo } from './socket-io-channel.js';
import { TokenSource } from './token-source.js';

/**
 * Keeps a `Y.Doc` in step with a document on the server. What is changed locally goes out at once and is
 * confirmed when it is on the server's disk; what is changed while there is no connection goes out later.
 */
export class CoscribeProvider extends ObservableV2<ProviderEvents> {
  readonly document: DocumentId;
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  private readonly connection: ConnectionDriver;
  private readonly channel: MovableChannel;
  private readonly entrance: Entrance;
  private readonly tokens: TokenSource;
  private readonly renewal: Renewal;
  private readonly sender: Sender;
  private readonly replica: Replica;
  private readonly comparison: ContentComparison;
  private readonly presence: PresenceSync;
  private readonly user: OwnUser;
  private ownRole: Role | undefined;
  private serverSaves = true;

  /** @throws CoscribeError `invalid-document-id` */
  constructor(options: ProviderOptions) {
    super();
    const { token, getToken, clock = systemClock(), random = Math.random } = options;
    this.document = parseDocumentId(options.document);
    const doc = options.doc ?? new Y.Doc();
    this.doc = doc;
    this.awareness = new Awareness(doc);
    if (options.presence !== undefined) this.awareness.setLocalStateField('user', options.presence);
    this.user = new OwnUser(this.awareness);
    this.presence = new PresenceSync(this.awareness, {
      clock,
      send: (update) => this.channel.awareness(update),
    });
    const tokens = new TokenSource({ token, getToken, clock });
    this.tokens = tokens;
    this.renewal = new Renewal({
      tokens,
      clock,
      random,
      send: (fresh, answer) => this.channel.token(fresh, answer),
      answered: (reply) => this.connection.guarded(() => this.renewed(reply)),
    });
    const patience = new Patience(clock, random);
    this.connection = new ConnectionDriver({
      clock,
      patience,
      renewable: tokens.renewable,
      open: () => this.channel.open(),
      join: () => this.entrance.join(),
      ended: () => this.sender.end(),
      close: () => this.away(),
      denied: (error) => this.handBack(error),
      changed: () => this.changed(),
    });
    const connect = options.connectChannel ?? connectTo(options.url);
    this.channel = new MovableChannel({
      connect: (events) => connect(this.document, events),
      events: this.channelEvents(),
      tokens,
      clock,
      random,
    });
    this.replica = new Replica({ doc, origin: this, taken: (lost) => this.taken(lost) });
    this.sender = new Sender({
      doc,
      clock,
      patience,
      send: (update, kind, answer) =>
        this.channel.update(update, kind, (reply) => this.connection.guarded(() => answer(reply))),
      confirmed: (seq, update) => {
        this.connection.saved();
        this.replica.confirmed(seq, update);
      },
      changed: () => this.changed(),
      delayed: (error) => this.connection.note(error),
      outOfStep: (error) => this.connection.interrupted(error),
      rejected: (error) => this.connection.step('denied', { error }),
      renamed: () => this.connection.step('interrupted'),
    });
    this.entrance = new Entrance({
      doc,
      connection: this.connection,
      channel: this.channel,
      replica: this.replica,
      sender: this.sender,
      presence: this.presence,
      entered: (joined) => this.entered(joined),
      changedOver: () => {
        this.renewal.stop();
        this.changed();
      },
    });
    this.comparison = new ContentComparison({
      doc,
      clock,
      holds: (seq) => this.synced && this.unsavedChanges === 0 && this.replica.isExactly(seq),
      differs: (check, own) => this.diverged(check, own),
    });
    // A document that is not empty has content that the server may lack.
    if (doc.store.clients.size > 0) this.sender.add(Y.encodeStateAsUpdate(doc), undefined);
    doc.on('update', this.onUpdate);
    if (options.autoConnect !== false) this.connect();
  }

  get status(): ProviderStatus {
    return this.connection.status;
  }

  get synced(): boolean {
    return this.connection.live;
  }

  /** Local changes that are not on the server's disk yet, one per Yjs transaction. */
  get unsavedChanges(): number {
    return this.sender.changes;
  }

  /** `false` while the server says that it cannot save. */
  get saving(): boolean {
    return this.serverSaves;
  }

  /** What this client may do; it may change at any time. Unknown before the first join. */
  get role(): Role | undefined {
    return this.ownRole;
  }

  /** The name and the colour that the server gives this client, whatever its awareness state says. */
  get givenUser(): JoinedUser {
    return this.user.given;
  }

  /** Why the connection was refused or a change rejected, until things are well again. */
  get error(): WireError | undefined {
    return this.connection.error;
  }

  /** Connects, or tries again at once. */
  connect(): void {
    this.connection.step('connect');
  }

  /** Stays away until `connect`; the document stays usable, and changes are kept. */
  disconnect(): void {
    this.connection.step('disconnect');
  }

  /** Ends the connection and lets go of everything. Changes that are not saved are gone with the document. */
  override destroy(): void {
    if (this.connection.destroyed) return;
    this.connection.step('destroy');
    this.comparison.giveUp();
    this.channel.destroy();
    this.tokens.destroy();
    this.doc.off('update', this.onUpdate);
    this.presence.destroy();
    this.user.destroy();
    this.awareness.destroy();
    super.destroy();
  }

  private channelEvents(): MovableChannelEvents {
    const { connection } = this;
    const { guarded } = connection;
    return {
      opened: () => connection.step('opened'),
      closed: () => connection.step('closed'),
      reachable: () => connection.reachable(),
      refused: (error) => connection.refused(error),
      updates: (frame) => guarded(() => this.receive(frame)),
      awareness: (update) => guarded(() => this.presence.received(readBytes(update))),
      resync: (reason) => connection.interrupted(reason),
      saving: (possible) => this.setServerSaves(possible),
      access: (role) => guarded(() => this.mayDo(readRole(role))),
      renew: () => this.renewal.begin(),
      check: (seq, hash) => guarded(() => this.comparison.begin(readCheck(seq, hash))),
      messageRefused: (error) => connection.note(error),
      bye: (reason, reconnectAfterMs) => connection.dismissed(reason, reconnectAfterMs),
      secondLine: (line) => this.entrance.changeOver(line),
    };
  }

  /** Ends what belongs to the connection. */
  private away(): void {
    this.entrance.away();
    this.renewal.stop();
    this.channel.close();
    this.presence.left();
  }

  private entered({ role, saving, user = {} }: Joined): void {
    this.ownRole = role;
    this.serverSaves = saving;
    this.user.give(user);
  }

  private receive(frame: unknown): void {
    if (this.synced && !this.replica.receive(readBytes(frame)))
      this.connection.interrupted(new CoscribeError('missing-dependencies').toWire());
  }

  private readonly onUpdate = (
    update: Uint8Array,
    origin: unknown,
    _doc: Y.Doc,
    { local }: Y.Transaction,
  ): void => {
    if (origin === this) return;
    if (local) this.replica.wrote();
    this.sender.add(update, local ? this.doc.clientID : undefined);
    this.changed();
  };

  /** A token that was not taken changes nothing: the server ends the session when the old one ends. */
  private renewed(raw: unknown): void {
    const reply = readRenewed(raw);
    if (reply.ok) this.mayDo(reply.value.role);
  }

  private mayDo(role: Role): void {
    if (role === this.ownRole) return;
    this.ownRole = role;
    this.changed();
  }

  /** What can't be saved, or was lost, is the application's again. */
  private handBack(error: WireError, lost: readonly Uint8Array[] = []): void {
    const updates = [...lost, ...this.sender.unconfirmed()];
    const changes = Math.max(lost.length, this.sender.changes);
    if (changes > 0) this.emit('rejected', [error, rejectedEdits(this.doc, updates, changes)]);
  }

  /** This copy is wrong, and nothing tells why: whatever is changed in it from now on must not reach anybody. */
  private diverged(check: ContentCheck, own: string): void {
    this.channel.diverged(check.seq, own);
    this.connection.diverged();
    this.emit('diverged', [check, own]);
  }

  /** This copy is wrong, because somebody else has used up its clocks. */
  private taken(lost: Uint8Array): void {
    this.handBack(this.connection.diverged(), [lost]);
    this.emit('diverged', []);
  }

  private setServerSaves(possible: boolean): void {
    this.serverSaves = possible;
    this.changed();
  }

  private changed(): void {
    this.emit('change', []);
  }
}
