import type * as Y from 'yjs';
import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { checkKinds, type OptionKinds } from '../../shared/option-kinds.js';
import type { Clock, Random } from '../../shared/time.js';
import type { Log } from '../telemetry/log.js';
import type { Admission } from './admitted.js';
import type { Documents } from './documents.js';
import { type EditAuthor, EditAuthors } from './edit-authors.js';
import { EditJob } from './edit-jobs.js';
import { EditLine } from './edit-line.js';
import { EditReplica } from './edit-replica.js';
import { EditRoom } from './edit-room.js';
import { IdleQueue } from './idle-queue.js';
import { Meter, UNLIMITED } from './meter.js';

const TIMEOUT_MS = 10_000;
const KEPT_MS = 10_000;
const MAX_DOCUMENTS = 1_000;
const MAX_BYTES = 64 * 1024 * 1024;
/** Whom an edit is attributed to that names nobody. */
const SERVER = 'server';

const USER_LENGTH = 128;
/** Not every database keeps them as they are. */
const UNKEPT = /[\p{Cc}\p{Cs}]/u;

/** How a document is looked at from the server. */
export interface ReadOptions {
  /** How long to wait at most, in milliseconds. 10 s unless given. */
  readonly timeoutMs?: number;
}

/** How a document is changed from the server. */
export interface EditOptions extends ReadOptions {
  /** In whose name: the row of the log is that of this user of the application, as if he had typed it. */
  readonly user?: string;
  /** `false`: a document that does not exist is not created, but refused with `no-access`. */
  readonly create?: boolean;
}

const READ_OPTIONS: OptionKinds<ReadOptions> = { timeoutMs: 'number' };
const EDIT_OPTIONS: OptionKinds<EditOptions> = { user: 'string', create: 'boolean', ...READ_OPTIONS };

interface ServerEditsOptions {
  readonly documents: Documents;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How long the copy of a document is kept after its last use, in milliseconds. 10 s unless given. */
  readonly keepMs?: number;
  /** How many copies are held at once; 1,000 unless given. Whoever needs another one while all are in use waits. */
  readonly maxDocuments?: number;
  /** How much they may take together, in bytes of their content: in memory it is several times that. 64 MiB unless given. */
  readonly maxBytes?: number;
}

/**
 * The application's own edits, on this node: each is one transaction, checked, saved and shown to everybody as any other.
 * Nobody is asked whether it may, and nobody sees it among those who are there.
 *
 * The first use of a document makes a `Y.Doc` of it in this thread, which takes as long as in a browser; it is kept for
 * a while, so that what edits all the time pays that once and writes under one clientID.
 */
export class ServerEdits {
  private readonly lines = new Map<DocumentId, EditLine>();
  private readonly authors = new EditAuthors();
  private readonly idle: IdleQueue<EditLine>;
  private readonly releases = new Map<EditLine, () => void>();
  private readonly room: EditRoom;
  private readonly meter: Meter;

  constructor(private readonly options: ServerEditsOptions) {
    const { clock, keepMs = KEPT_MS, maxDocuments = MAX_DOCUMENTS, maxBytes = MAX_BYTES } = options;
    this.idle = new IdleQueue(clock, keepMs, (line) => this.releases.get(line)?.());
    this.room = new EditRoom({ maxDocuments, maxBytes, lines: () => this.releases.keys() });
    this.meter = new Meter(UNLIMITED, clock);
  }

  /**
   * Changes a document.
   *
   * Edits of one document run in the order of the calls, in whosever name. A function that throws, or gives a promise, has
   * changed nothing for anybody. One that changes nothing writes nothing. What is larger than one update may be goes in
   * several, which are stored together or not at all.
   *
   * @param change gets the document, and is done with it when it returns: it must neither wait for anything nor keep it
   * @returns what `change` returns, once the edit is durable
   * @throws whatever `change` throws; TypeError if it gives a promise; CoscribeError `store-unavailable` if it could not be
   *   saved in time, and then it may still be; `server-busy` and others that are `retryable`, and then it has not happened;
   *   `no-access` with `create: false`, `document-deleted`, `document-too-large`, `generation-changed` if the document
   *   was replaced while the edit was under way, `shutting-down`, …
   */
  async edit<T>(id: DocumentId, change: (doc: Y.Doc) => T, options: EditOptions = {}): Promise<T> {
    checkKinds('edit()', options, EDIT_OPTIONS);
    const { user, create = true, timeoutMs } = options;
    const author = user === undefined ? SERVER : `user:${checkUser(user)}`;
    if (!create) await this.demandExistence(id);
    return this.perform({ what: 'edit', author, work: change }, id, timeoutMs);
  }

  /**
   * Looks at a document, as it is on disk and known to this node: what another node saves comes here in a moment.
   *
   * @param look must not change it, neither wait for anything, nor keep it
   * @throws as `edit`; `no-access` if there is no such document; TypeError if `look` changes it
   */
  async read<T>(id: DocumentId, look: (doc: Y.Doc) => T, options: ReadOptions = {}): Promise<T> {
    checkKinds('read()', options, READ_OPTIONS);
    const { timeoutMs } = options;
    await this.demandExistence(id);
    return this.perform({ what: 'read', author: SERVER, work: look }, id, timeoutMs);
  }

  private perform<T>(
    wanted: { readonly what: 'edit' | 'read'; readonly author: string; readonly work: (doc: Y.Doc) => T },
    id: DocumentId,
    timeoutMs = TIMEOUT_MS,
  ): Promise<T> {
    if (typeof wanted.work !== 'function')
      throw new TypeError(`${wanted.what}() takes a function that is given the document.`);
    const line = this.lines.get(id) ?? this.newLine(id);
    this.idle.delete(line);
    return new Promise<T>((resolve, reject) => {
      const job = new EditJob(this.options.clock, {
        ...wanted,
        timeoutMs,
        resolve: (value) => resolve(value as T),
        reject,
        onLate: (late) => line.late(late),
      });
      line.add(job);
    });
  }

  /** @throws CoscribeError `no-access`, `store-unavailable` */
  private async demandExistence(id: DocumentId): Promise<void> {
    const line = this.lines.get(id);
    if (line !== undefined && (!line.idle || line.copy !== undefined)) return;
    if (await this.options.documents.exists(id)) return;
    const error = new CoscribeError('no-access');
    // Nobody may keep the application itself out.
    error.message = `There is no document "${id}"; edit() without "create: false" makes it.`;
    throw error;
  }

  private newLine(id: DocumentId): EditLine {
    const { documents, clock, random } = this.options;
    const { authors } = this;
    const line: EditLine = new EditLine({
      clock,
      random,
      get stopping() {
        return documents.stopping;
      },
      get saving() {
        return documents.saving;
      },
      openReplica: (author) => this.room.enter(() => this.openReplica(id, author)),
      author: (name, generation) => authors.of(id, name, generation),
      forget: (author) => authors.forget(id, author),
      onIdle: () => {
        if (this.releases.has(line)) this.idle.add(line);
        this.room.changed();
      },
    });
    this.lines.set(id, line);
    this.releases.set(line, () => {
      this.releases.delete(line);
      line.close();
      this.lines.delete(id);
    });
    return line;
  }

  private async openReplica(id: DocumentId, author: EditAuthor): Promise<EditReplica> {
    const { documents, clock, log } = this.options;
    const replica = new EditReplica({
      documents,
      id,
      admission: ({ name }): Admission => ({
        grant: { identity: {}, role: 'owner' },
        revision: 0,
        at: clock.wall(),
        application: { author: name },
      }),
      meter: this.meter,
      onEnd: () => this.room.changed(),
      onMisuse: (what) => log.error({ document: id }, `the application ${what}; nothing of that is kept`),
    });
    await replica.open(author);
    return replica;
  }
}

/** @throws TypeError */
function checkUser(user: string): string {
  if (typeof user === 'string' && user.length > 0 && user.length <= USER_LENGTH && !UNKEPT.test(user))
    return user;
  throw new TypeError(`A user is named by 1 to ${USER_LENGTH} visible characters.`);
}
