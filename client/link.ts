import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import { CoscribeError, type WireError } from '../shared/errors.js';
import type { DocumentId } from '../shared/ids.js';
import type { ContentCheck, Joined, Role } from '../shared/protocol.js';
import type { Clock, Random } from '../shared/time.js';
import type { Connect } from './channel.js';
import { ConnectionDriver } from './connection-driver.js';
import { ContentComparison } from './content-comparison.js';
import { Entrance } from './entrance.js';
import { MovableChannel, type MovableChannelEvents } from './movable-channel.js';
import type { Change } from './outbox.js';
import { Patience } from './patience.js';
import { PresenceSync } from './presence-sync.js';
import { readBytes, readCheck, readRenewed, readRole } from './read-messages.js';
import { Renewal } from './renewal.js';
import { Replica } from './replica.js';
import { Sender } from './sender.js';
import { type GetToken, TokenSource } from './token-source.js';

interface LinkOptions {
  readonly document: DocumentId;
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  /** Of the transactions that bring what the server sends. */
  readonly origin: unknown;
  readonly token: string | undefined;
  readonly getToken: GetToken | undefined;
  readonly connect: Connect;
  readonly clock: Clock;
  readonly random: Random;
  /** Calls back when the first attempt may begin: what it tells of the copy is read then. */
  ready(run: () => void): void;
  /** What a join says besides the content. */
  entered(joined: Joined): void;
  mayDo(role: Role): void;
  saving(possible: boolean): void;
  saved(changes: readonly Change[]): void;
  logged(updates: readonly Uint8Array[], own: boolean): void;
  /** The server has refused for good. */
  denied(error: WireError): void;
  /** This copy shows something else than the document. */
  diverged(check: ContentCheck, own: string): void;
  /** Somebody else has used up clocks of this copy. */
  taken(error: WireError, lost: Uint8Array): void;
  changed(): void;
}

/** A provider's link to the server: puts together what takes part in it, and leads each message to whoever it is for. */
export class Link {
  readonly connection: ConnectionDriver;
  readonly replica: Replica;
  readonly sender: Sender;
  readonly #options: LinkOptions;
  readonly #channel: MovableChannel;
  readonly #entrance: Entrance;
  readonly #tokens: TokenSource;
  readonly #renewal: Renewal;
  readonly #comparison: ContentComparison;
  readonly #presence: PresenceSync;
  /** An attempt that was given up before it could begin does not begin. */
  #attempt = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    const { doc, awareness, origin, token, getToken, clock, random } = options;
    this.#presence = new PresenceSync(awareness, {
      clock,
      send: (update) => this.#channel.awareness(update),
    });
    const tokens = new TokenSource({ token, getToken, clock });
    this.#tokens = tokens;
    this.#renewal = new Renewal({
      tokens,
      clock,
      random,
      send: (fresh, answer) => this.#channel.token(fresh, answer),
      answered: (reply) => this.connection.guarded(() => this.#renewed(reply)),
    });
    const patience = new Patience(clock, random);
    this.connection = new ConnectionDriver({
      clock,
      patience,
      renewable: tokens.renewable,
      open: () => this.#open(),
      join: () => this.#entrance.join(),
      ended: () => this.sender.end(),
      close: () => this.#away(),
      denied: options.denied,
      changed: options.changed,
    });
    this.#channel = new MovableChannel({
      connect: (events) => options.connect(options.document, events),
      events: this.#channelEvents(),
      tokens,
      clock,
      random,
    });
    this.replica = new Replica({
      doc,
      origin,
      taken: (lost) => options.taken(this.connection.diverged(), lost),
      logged: options.logged,
    });
    this.sender = new Sender({
      doc,
      clock,
      patience,
      send: (update, kind, answer) =>
        this.#channel.update(update, kind, (reply) => this.connection.guarded(() => answer(reply))),
      confirmed: (seq, update) => {
        this.connection.saved();
        this.replica.confirmed(seq, update);
      },
      saved: options.saved,
      changed: options.changed,
      delayed: (error) => this.connection.note(error),
      outOfStep: (error) => this.connection.interrupted(error),
      rejected: (error) => this.connection.step('denied', { error }),
      renamed: () => this.connection.step('interrupted'),
    });
    this.#entrance = new Entrance({
      doc,
      connection: this.connection,
      channel: this.#channel,
      replica: this.replica,
      sender: this.sender,
      presence: this.#presence,
      entered: options.entered,
      changedOver: () => {
        this.#renewal.stop();
        options.changed();
      },
    });
    this.#comparison = new ContentComparison({
      doc,
      clock,
      holds: (seq) => this.connection.live && this.sender.changes === 0 && this.replica.isExactly(seq),
      differs: (check, own) => this.#diverged(check, own),
    });
  }

  /** Lets go of everything. The connection has been told so. */
  destroy(): void {
    this.#comparison.giveUp();
    this.#channel.destroy();
    this.#tokens.destroy();
    this.#presence.destroy();
  }

  #channelEvents(): MovableChannelEvents {
    const { connection } = this;
    const { guarded } = connection;
    return {
      opened: () => connection.step('opened'),
      closed: () => connection.step('closed'),
      reachable: () => connection.reachable(),
      refused: (error) => connection.refused(error),
      updates: (frame) => guarded(() => this.#receive(frame)),
      awareness: (update) => guarded(() => this.#presence.received(readBytes(update))),
      resync: (reason) => connection.interrupted(reason),
      saving: this.#options.saving,
      access: (role) => guarded(() => this.#options.mayDo(readRole(role))),
      renew: () => this.#renewal.begin(),
      check: (seq, hash) => guarded(() => this.#comparison.begin(readCheck(seq, hash))),
      messageRefused: (error) => connection.note(error),
      bye: (reason, reconnectAfterMs) => connection.dismissed(reason, reconnectAfterMs),
      secondLine: (line) => this.#entrance.changeOver(line),
    };
  }

  #open(): void {
    const attempt = ++this.#attempt;
    this.#options.ready(() => {
      if (attempt === this.#attempt) this.#channel.open();
    });
  }

  /** Ends what belongs to the connection. */
  #away(): void {
    this.#attempt++;
    this.#entrance.away();
    this.#renewal.stop();
    this.#channel.close();
    this.#presence.left();
  }

  #receive(frame: unknown): void {
    if (this.connection.live && !this.replica.receive(readBytes(frame)))
      this.connection.interrupted(new CoscribeError('missing-dependencies').toWire());
  }

  /** A token that was not taken changes nothing: the server ends the session when the old one ends. */
  #renewed(raw: unknown): void {
    const reply = readRenewed(raw);
    if (reply.ok) this.#options.mayDo(reply.value.role);
  }

  /** This copy is wrong, and nothing tells why: whatever is changed in it from now on must not reach anybody. */
  #diverged(check: ContentCheck, own: string): void {
    this.#channel.diverged(check.seq, own);
    this.connection.diverged();
    this.#options.diverged(check, own);
  }
}
