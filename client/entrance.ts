import * as random from 'lib0/random';
import type * as Y from 'yjs';
import type { Joined } from '../shared/protocol.js';
import type { ConnectionDriver } from './connection-driver.js';
import type { MovableChannel, SecondLine } from './movable-channel.js';
import type { PresenceSync } from './presence-sync.js';
import { joinedOf, readJoined } from './read-messages.js';
import type { Replica } from './replica.js';
import type { Sender } from './sender.js';

interface EntranceOptions {
  readonly doc: Y.Doc;
  readonly connection: ConnectionDriver;
  readonly channel: MovableChannel;
  readonly replica: Replica;
  readonly sender: Sender;
  readonly presence: PresenceSync;
  /** Takes what a join says besides the content, before the copy gets that, and before anything is sent. */
  entered(joined: Joined): void;
  /** The session goes on over the second line. */
  changedOver(): void;
}

/** Joins the document, over the line in use or, beside it, over a second one. */
export class Entrance {
  readonly #options: EntranceOptions;
  /** clientID of the join under way or in force. */
  #clientId = 0;
  /** Answers of an earlier connection or join are recognised by their number and ignored. */
  #attempt = 0;

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  join(): void {
    const { doc, connection, channel, replica, presence } = this.#options;
    const attempt = ++this.#attempt;
    this.#clientId = doc.clientID;
    presence.follow(this.#clientId);
    channel.join(replica.joinRequest(this.#clientId), (reply) => {
      if (attempt === this.#attempt) connection.guarded(() => this.#answered(reply));
    });
  }

  /** The connection is gone: answers still due do not count. */
  away(): void {
    this.#attempt++;
  }

  /**
   * Joins over a second line while the first goes on, and then uses the second: nothing of it shows. What is under way
   * over the first is sent again over the second.
   */
  changeOver(line: SecondLine): void {
    const { connection, replica, sender, presence, changedOver } = this.#options;
    const attempt = this.#attempt;
    if (!this.#mayChange(attempt)) {
      line.giveUp();
      return;
    }
    line.join(replica.joinRequest(this.#clientId), (raw) => {
      const joined = this.#mayChange(attempt) ? joinedOf(raw) : undefined;
      if (joined === undefined) {
        line.giveUp();
        return;
      }
      line.use();
      this.#attempt++;
      sender.end();
      connection.guarded(() => {
        if (!this.#enter(joined)) return;
        presence.moved(joined.awareness);
        sender.begin({ clientId: this.#clientId, limits: joined.limits });
      });
      changedOver();
    });
  }

  #mayChange(attempt: number): boolean {
    const { doc, connection } = this.#options;
    return connection.live && attempt === this.#attempt && doc.clientID === this.#clientId;
  }

  /** Throws what reading it throws if it makes no sense. */
  #answered(raw: unknown): void {
    const { doc, connection, sender, presence } = this.#options;
    const reply = readJoined(raw);
    if (!reply.ok) {
      // Somebody else writes under this clientID. Yjs lets a document change its own between transactions.
      if (reply.error.code === 'client-id-in-use') doc.clientID = random.uint32();
      connection.refused(reply.error);
      return;
    }
    const joined = reply.value;
    if (!this.#enter(joined)) return;
    connection.step('joined');
    presence.joined(joined.awareness);
    sender.begin({ clientId: this.#clientId, limits: joined.limits });
  }

  /** @returns `false` if the copy turned out to be wrong: it takes part no longer */
  #enter(joined: Joined): boolean {
    const { connection, replica, entered } = this.#options;
    entered(joined);
    if (!replica.enter(joined)) return false;
    connection.entered();
    return true;
  }
}
