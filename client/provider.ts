import { ObservableV2 } from 'lib0/observable';
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { WireError } from '../shared/errors.js';
import { type DocumentId, parseDocumentId } from '../shared/ids.js';
import type { ContentCheck, JoinedUser, Role } from '../shared/protocol.js';
import { type Clock, systemClock } from '../shared/time.js';
import { UpdateReader } from '../shared/update-format.js';
import { Announcer } from './announcer.js';
import { checkOptions } from './check-options.js';
import type { ProviderStatus } from './connection-state.js';
import type { KeepHost, Keeping, KeptCopy } from './keeping.js';
import { Link } from './link.js';
import { SturdyAwareness, tellEach } from './listeners.js';
import type { Change } from './outbox.js';
import { OwnUser } from './own-user.js';
import type { ProviderEvents, ProviderOptions } from './provider-options.js';
import { rejectedEdits, replacedCopy } from './rejected-edits.js';
import { connectTo, DEFAULT_PATH } from './socket-io-channel.js';

/** The documents that have a provider: two would send one another's edits, and mix what belongs to two documents. */
const provided = new WeakSet<Y.Doc>();

/**
 * Keeps a `Y.Doc` in step with a document on the server. What is changed locally goes out at once and is
 * confirmed when it is on the server's disk; what is changed while there is no connection goes out later.
 *
 * What happens it tells as `ProviderEvents`, to whom `on(name, listener)` or `once(name, listener)` adds; `off` removes again.
 */
export class CoscribeProvider extends ObservableV2<ProviderEvents> {
  /** The document's whole name. */
  readonly document: DocumentId;
  /** The copy of the document: read and change it as any `Y.Doc`. */
  readonly doc: Y.Doc;
  /** Who is here: of y-protocols, as editors' bindings take it. */
  readonly awareness: Awareness;
  readonly #link: Link;
  readonly #user: OwnUser;
  readonly #kept: KeptCopy | undefined;
  /** Origin of the transactions that bring what was kept. */
  readonly #keptOrigin: unknown;
  readonly #announcer: Announcer;
  /** What waits for the kept copy; `undefined` once that is there. */
  #onLoaded: (() => void)[] | undefined;
  #wasLive = false;
  #role: Role | undefined;
  #serverSaves = true;

  /** @throws TypeError for options that make no sense, and a document that has a provider; CoscribeError `invalid-document-id` */
  constructor(options: ProviderOptions) {
    super();
    checkOptions(options);
    const {
      url,
      path = DEFAULT_PATH,
      token,
      getToken,
      clock = systemClock(),
      random = Math.random,
    } = options;
    this.document = parseDocumentId(options.document);
    const doc = options.doc ?? new Y.Doc();
    if (provided.has(doc)) throw new TypeError('`doc` has a provider already; destroy that first.');
    this.doc = doc;
    this.awareness = new SturdyAwareness(doc);
    if (options.presence !== undefined) this.awareness.setLocalStateField('user', options.presence);
    this.#user = new OwnUser(this.awareness);
    this.#link = new Link({
      document: this.document,
      doc,
      awareness: this.awareness,
      origin: this,
      token,
      getToken,
      connect: options.connectChannel ?? connectTo(url, path),
      clock,
      random,
      ready: (run) => this.#whenLoaded(run),
      entered: ({ role, saving, user = {} }) => {
        this.#role = role;
        this.#serverSaves = saving;
        this.#user.give(user);
      },
      mayDo: (role) => this.#mayDo(role),
      saving: (possible) => {
        this.#serverSaves = possible;
        this.#changed();
      },
      saved: (changes) => this.#kept?.saved(changes),
      logged: (updates, own) => this.#kept?.logged(updates, own),
      denied: (error) => this.#handBack(error),
      diverged: (check, own) => this.#diverged(check, own),
      taken: (error, lost) => {
        this.#handBack(error, [lost]);
        this.#tell('diverged', []);
      },
      changed: () => this.#changed(),
    });
    this.#announcer = new Announcer(this, (event, args) => this.#tell(event, args));
    if (options.offline !== undefined) {
      const host = this.#keepHost(
        `${url === undefined ? globalThis.location?.origin : new URL(url).origin}${path}`,
        clock,
      );
      this.#keptOrigin = host;
      this.#kept = options.offline(host);
      this.#load(this.#kept);
    }
    // A document that is not empty has content that the server may lack.
    if (doc.store.clients.size > 0)
      this.#add({ update: Y.encodeStateAsUpdate(doc), madeBy: undefined, count: 1, shared: false });
    doc.on('update', this.#onUpdate);
    doc.on('afterTransaction', this.#keepFormats);
    doc.on('destroy', this.#end);
    provided.add(doc);
    if (options.autoConnect !== false) this.connect();
  }

  /** How things are with the connection. */
  get status(): ProviderStatus {
    return this.#link.connection.status;
  }

  /** Whether the document has everything that the server has, and sends as it goes. */
  get synced(): boolean {
    return this.#link.connection.live;
  }

  /** Changes that are not on the server's disk yet, one per Yjs transaction. */
  get unsavedChanges(): number {
    return this.#link.sender.changes;
  }

  /** `false` while the server says that it cannot save. */
  get saving(): boolean {
    return this.#serverSaves;
  }

  /** What this client may do; it may change at any time. Unknown before the first join, of this copy or of the one that was kept. */
  get role(): Role | undefined {
    return this.#role;
  }

  /** The name and the colour that the server gives this client, whatever its awareness state says. */
  get givenUser(): JoinedUser {
    return this.#user.given;
  }

  /** Why the connection was refused or a change rejected, until things are well again. */
  get error(): WireError | undefined {
    return this.#link.connection.error;
  }

  /** Whether the document and what is not saved are kept on this device: see the option `offline`. */
  get keeping(): Keeping {
    return this.#kept?.keeping ?? 'off';
  }

  /** Connects, or tries again at once; after `disconnect` it goes on where it was. */
  connect(): void {
    this.#link.connection.step('connect');
  }

  /** Pauses: stays away until `connect`. The document stays usable, and changes are kept. */
  disconnect(): void {
    this.#link.connection.step('disconnect');
  }

  /**
   * Fulfils once what was kept on this device is in the document; at once where nothing is kept.
   *
   * @throws CoscribeError (as a rejection, like the other two) when the provider is destroyed, `denied` or `diverged` before
   */
  whenLoaded(): Promise<void> {
    return this.#announcer.when(() => this.#onLoaded === undefined);
  }

  /** Fulfils once the document has everything that the server has. */
  whenSynced(): Promise<void> {
    return this.#announcer.when(() => this.synced);
  }

  /** Fulfils once everything that was changed up to now is on the server's disk. */
  whenSaved(): Promise<void> {
    let open: ReadonlySet<Change> | undefined;
    return this.#announcer.when(() => {
      // What was kept may be unsaved, too; and after the end nobody knows.
      if (this.#onLoaded !== undefined || this.#link.connection.destroyed) return false;
      const unsaved = this.#link.sender.all();
      open ??= new Set(unsaved);
      return !unsaved.some((change) => open?.has(change));
    });
  }

  /** Wipes what is kept of this document on this device, for whoever `offline` is for, and keeps nothing more. */
  async forget(): Promise<void> {
    await this.#kept?.forget();
  }

  /**
   * Ends the connection and lets go of everything. Changes that are not saved are gone with the document, unless they are
   * kept (`offline`): then the next provider of the document sends them. Destroying `doc` does the same.
   */
  override destroy(): void {
    const { connection } = this.#link;
    if (connection.destroyed) return;
    this.doc.off('update', this.#onUpdate);
    this.doc.off('afterTransaction', this.#keepFormats);
    this.doc.off('destroy', this.#end);
    provided.delete(this.doc);
    connection.step('destroy');
    this.#kept?.destroy();
    this.#link.destroy();
    this.#user.destroy();
    this.awareness.destroy();
    super.destroy();
  }

  #keepHost(server: string, clock: Clock): KeepHost {
    const { connection, replica, sender } = this.#link;
    return {
      server,
      document: this.document,
      doc: this.doc,
      clock,
      isLive: () => connection.live,
      position: () => replica.position,
      role: () => this.#role,
      unsaved: () => sender.all(),
      restore: (position, role) => {
        replica.restore(position);
        this.#role ??= role;
      },
      adopt: (clientId) => replica.adopt(clientId),
      add: (change) => {
        sender.add(change);
        this.#changed();
      },
      replaced: (copy) => this.#tell('replaced', [copy]),
      changed: () => this.#changed(),
    };
  }

  #load(kept: KeptCopy): void {
    this.#onLoaded = [];
    kept.load(() => {
      const waiting = this.#onLoaded ?? [];
      this.#onLoaded = undefined;
      for (const run of waiting) run();
      this.#changed();
    });
  }

  #whenLoaded(run: () => void): void {
    if (this.#onLoaded === undefined) run();
    else this.#onLoaded.push(run);
  }

  /** Yjs tells nobody what is changed in a document that was destroyed: it could not be called saved. */
  readonly #end = (): void => this.destroy();

  readonly #onUpdate = (update: Uint8Array, origin: unknown, _doc: Y.Doc, { local }: Y.Transaction): void => {
    if (origin === this || origin === this.#keptOrigin) return;
    const { clientID } = this.doc;
    if (local) this.#link.replica.wrote();
    const madeBy = local && isOf(update, clientID) ? clientID : undefined;
    this.#add({ update, madeBy, count: 1, shared: false });
    this.#changed();
  };

  /**
   * Of what comes from others Yjs deletes formats without effect, in every copy, as an edit of whoever has it. Who may not
   * write, or does not know yet, must not edit for that. (Of yjs 13.6: `cleanupTransactions` looks at this next.)
   */
  readonly #keepFormats = (transaction: Y.Transaction): void => {
    if ((this.#role ?? 'viewer') === 'viewer') transaction._needFormattingCleanup = false;
  };

  #add(change: Change): void {
    this.#kept?.added(change);
    this.#link.sender.add(change);
  }

  #mayDo(role: Role): void {
    if (role === this.#role) return;
    this.#role = role;
    this.#changed();
  }

  /** What can't be saved, or was lost, is the application's again. */
  #handBack(error: WireError, lost: readonly Uint8Array[] = []): void {
    const { sender } = this.#link;
    const changes = Math.max(lost.length, sender.changes);
    const edits =
      changes === 0 ? undefined : rejectedEdits(this.doc, [...lost, ...sender.unconfirmed()], changes);
    const handedBack = edits === undefined || this.#tell('rejected', [error, edits]);
    const copy = error.code === 'generation-changed' ? replacedCopy(this.doc, edits) : undefined;
    const handedOver = copy !== undefined && this.#tell('replaced', [copy]);
    this.#kept?.ended({ code: error.code, handedBack, copy, handedOver });
  }

  /** @returns whether somebody has taken it: listens, and did not throw */
  #tell<Name extends keyof ProviderEvents>(event: Name, args: Parameters<ProviderEvents[Name]>): boolean {
    return tellEach(this._observers.get(event), args);
  }

  #diverged(check: ContentCheck, own: string): void {
    this.#kept?.ended({ code: 'copy-diverged', handedBack: true });
    this.#tell('diverged', [check, own]);
  }

  #changed(): void {
    if (this.synced !== this.#wasLive) {
      this.#wasLive = this.synced;
      this.#kept?.lineChanged();
    }
    this.#tell('change', []);
    this.#announcer.look();
  }
}

/** Whether an update holds structs of nobody else. */
function isOf(update: Uint8Array, clientId: number): boolean {
  const reader = new UpdateReader(update);
  return !reader.nextSection() || (reader.client === clientId && reader.sectionsLeft === 0);
}
