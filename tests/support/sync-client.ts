import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { Admission } from '../../server/documents/admitted.js';
import type { Broadcast } from '../../server/documents/broadcast.js';
import type { Documents } from '../../server/documents/documents.js';
import { SyncSession } from '../../server/gateway/yjs/sync-session.js';
import type { SyncContent, SyncWire } from '../../server/gateway/yjs/sync-wire.js';
import type { CoscribeError } from '../../shared/errors.js';
import { decodeFrame } from '../../shared/frames.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Role } from '../../shared/protocol.js';
import { joinUpdates } from '../../shared/update-join.js';
import { type documentNode, NOTES } from './document-node.js';
import { unmetered } from './unmetered.js';

type Node = ReturnType<typeof documentNode>;

/** A client of y-protocols, as y-websocket's provider is one, without a network. */
export class SyncClient implements SyncWire {
  /** To be destroyed after a test. */
  static readonly opened: Awareness[] = [];

  readonly protocol = 'y-websocket';
  readonly awareness: Awareness;
  readonly outcomes: (number | CoscribeError)[] = [];
  readonly refused: CoscribeError[] = [];
  readonly roles: Role[] = [];
  closed: { readonly code: string; readonly after: number } | undefined;
  queued = 0;
  /** Times it was sent content, or asked for what it has. */
  contents = 0;
  asked = 0;
  bytes = 0;
  private sync: SyncSession | undefined;

  constructor(
    private readonly node: Node,
    readonly doc = new Y.Doc(),
    private readonly role: Role = 'editor',
    private readonly user?: string,
    private readonly id: DocumentId = NOTES,
  ) {
    this.awareness = new Awareness(doc);
    SyncClient.opened.push(this.awareness);
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.sync?.receiveUpdate(update, (outcome) => this.outcomes.push(outcome));
    });
    this.awareness.on('update', (changes: Record<'added' | 'updated' | 'removed', number[]>) => {
      const all = [...changes.added, ...changes.updated, ...changes.removed];
      this.sync?.receiveAwareness(encodeAwarenessUpdate(this.awareness, all));
    });
  }

  get text(): string {
    return this.doc.getText('text').toString();
  }

  get session(): SyncSession {
    if (this.sync === undefined) throw new Error('is not connected');
    return this.sync;
  }

  connect({ shows = true } = {}): this {
    const identity = this.user === undefined ? {} : { user: this.user };
    const admission: Admission = { grant: { identity, role: this.role }, revision: 0, at: 0 };
    const { documents, clock, log } = this.node;
    const parts = { id: this.id, admission, meter: unmetered(), wire: this, clock, log, random: () => 0 };
    this.sync = new SyncSession({ documents: documents as Documents, ...parts });
    this.closed = undefined;
    this.sync.receiveStateVector(Y.encodeStateVector(this.doc));
    if (shows) this.sync.receiveAwareness(encodeAwarenessUpdate(this.awareness, [this.doc.clientID]));
    return this;
  }

  disconnect(): void {
    this.sync?.leave();
    this.sync = undefined;
  }

  reconnect(): void {
    this.disconnect();
    this.connect();
  }

  type(words: string): void {
    this.doc.getText('text').insert(this.text.length, words);
  }

  sendContent({ updates, stateVector, awareness }: SyncContent): void {
    this.contents++;
    for (const update of updates) this.sendUpdate(update);
    this.sendStateVector(stateVector);
    if (awareness.length > 0) applyAwarenessUpdate(this.awareness, awareness, this);
  }

  sendStateVector(stateVector: Uint8Array): void {
    this.asked++;
    this.sync?.receiveAnswer(Y.encodeStateAsUpdate(this.doc, stateVector), (outcome) =>
      this.outcomes.push(outcome),
    );
  }

  sendUpdates(frame: Broadcast): void {
    this.sendUpdate(frame.encodeOnce(SyncClient, (bytes) => joinUpdates(decodeFrame(bytes).updates)));
  }

  sendUpdate(update: Uint8Array): void {
    this.bytes += update.length;
    Y.applyUpdate(this.doc, update, this);
  }

  sendAwareness(update: Broadcast): void {
    applyAwarenessUpdate(this.awareness, update.bytes, this);
  }

  sendRole(role: Role): void {
    this.roles.push(role);
  }

  sendRefused(reason: CoscribeError): void {
    this.refused.push(reason);
  }

  close({ code }: CoscribeError, after: number): void {
    this.closed = { code, after };
    this.sync = undefined;
  }

  queuedBytes(): number {
    return this.queued;
  }

  sendRenew(): void {}
}
