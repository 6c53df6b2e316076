import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import type { AccessControl } from '../../server/auth/access.js';
import { openAccess } from '../../server/auth/open-access.js';
import type { Bus } from '../../server/cluster/bus.js';
import { LocalBus } from '../../server/cluster/local-bus.js';
import type { DocumentLimits } from '../../server/documents/admission.js';
import type { Admission } from '../../server/documents/admitted.js';
import type { Pace } from '../../server/documents/commit-pace.js';
import { Documents, type DocumentsOptions } from '../../server/documents/documents.js';
import type { Session } from '../../server/documents/session.js';
import { type Counters, UNCOUNTED } from '../../server/telemetry/counters.js';
import { compactUpdates } from '../../server/workers/compact-updates.js';
import type { CrdtWork } from '../../server/workers/crdt-work.js';
import { diffState } from '../../server/workers/diff-state.js';
import { hashUpdates } from '../../server/workers/hash-updates.js';
import { verifyUpdates } from '../../server/workers/verify-updates.js';
import type { CoscribeError } from '../../shared/errors.js';
import { decodeUpdateList } from '../../shared/frames.js';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import type { Joined, JoinRequest, UpdateKind } from '../../shared/protocol.js';
import { splitUpdate } from '../../shared/update-split.js';
import { collectLog } from './collect-log.js';
import { GatedStore } from './gated-store.js';
import { ManualClock } from './manual-clock.js';
import { RecordingTransport } from './recording-transport.js';

export const NOTES = parseDocumentId('acme/notes');

export const LIMITS: DocumentLimits = {
  maxUpdateBytes: 10_000,
  maxDocumentBytes: 100_000,
  maxDeleteRanges: 1_000,
  maxAwarenessBytes: 1_024,
  maxAwarenessDepth: 4,
  maxPendingBytes: 50_000,
  maxSessions: 1_000,
  maxClientIds: 1_000,
};

/** Commits at once: time stands still in most tests. */
const NO_PACE: Pace = { wait: () => 0, begun: () => undefined };

/** Does all CRDT work on the spot. */
export const inlineCrdt: CrdtWork = {
  compact: (job) => Promise.resolve(compactUpdates(job)),
  verify: (document) => Promise.resolve(verifyUpdates(document)),
  diff: (state, stateVector) => Promise.resolve(diffState(state, [stateVector])[0]),
  split: async (update, bounds) => splitUpdate(update, bounds),
  hash: (job) => Promise.resolve(hashUpdates(job)),
  close: () => Promise.resolve(),
};

/** The documents of one node with everything around them in the test's hands. */
export function documentNode(
  options: {
    limits?: Partial<DocumentLimits>;
    crdt?: CrdtWork;
    pace?: Pace;
    diffAtBytes?: number;
    bus?: Bus;
    store?: GatedStore;
    clock?: ManualClock;
    access?: AccessControl;
    hooks?: DocumentsOptions['hooks'];
    unloadAfterMs?: number;
    counters?: Counters;
  } = {},
) {
  const store = options.store ?? new GatedStore();
  const clock = options.clock ?? new ManualClock();
  const log = collectLog();
  const counted: string[] = [];
  /** What was refused, and by which code: `join document-full`. */
  const refused: string[] = [];
  const documents = new Documents({
    store,
    access: options.access ?? openAccess,
    counters: options.counters ?? {
      ...UNCOUNTED,
      count: (name) => void counted.push(name),
      refuse: (what, code) => void refused.push(`${what} ${code}`),
    },
    bus: options.bus ?? new LocalBus({ sharedStore: false }),
    clock,
    log,
    random: () => 0.5,
    crdt: options.crdt ?? inlineCrdt,
    ...(options.diffAtBytes === undefined ? {} : { diffAtBytes: options.diffAtBytes }),
    limits: { ...LIMITS, ...options.limits },
    ...(options.hooks && { hooks: options.hooks }),
    unloadAfterMs: options.unloadAfterMs ?? 1_000,
    pace: options.pace ?? NO_PACE,
  });
  return { store, clock, log, counted, refused, documents };
}

/** Let in as somebody who may write, before anything changed. */
const EDITOR: Admission = { grant: { identity: {}, role: 'editor' }, revision: 0, at: 0 };

/** One client without a network: a `Y.Doc` and the session that its server has of it. */
export class Person {
  readonly doc = new Y.Doc();
  readonly transport = new RecordingTransport();
  private readonly others = new Map<number, unknown>();
  private shown = 0;
  private inside: Session | undefined;

  constructor(
    readonly key = 'a secret of 16 or more characters',
    private readonly admission: Admission = EDITOR,
  ) {}

  get session(): Session {
    if (this.inside === undefined) throw new Error('has not joined');
    return this.inside;
  }

  get text(): string {
    return this.doc.getText('text').toString();
  }

  async join(
    documents: Documents,
    request: Partial<JoinRequest> = {},
    id: DocumentId = NOTES,
  ): Promise<Joined> {
    this.inside = await documents.open(id, this.admission, this.transport);
    return this.joinAgain(request);
  }

  /** Shows itself to the others. */
  show(state: Record<string, unknown>): void {
    const encoder = encoding.createEncoder();
    for (const number of [1, this.doc.clientID, ++this.shown]) encoding.writeVarUint(encoder, number);
    encoding.writeVarString(encoder, JSON.stringify(state));
    this.session.submitAwareness(encoding.toUint8Array(encoder));
  }

  /** Who shows himself, by clientID. */
  seen(): ReadonlyMap<number, unknown> {
    for (const update of this.transport.awareness.splice(0)) this.notice(update);
    return this.others;
  }

  /** Joins once more in the same session. */
  async joinAgain(request: Partial<JoinRequest> = {}): Promise<Joined> {
    let joined: Joined | undefined;
    await this.session.join({ clientId: this.doc.clientID, clientKey: this.key, ...request }, (answer) => {
      joined = answer;
    });
    if (joined === undefined) throw new Error('the join was not answered');
    this.take(decodeUpdateList(joined.content));
    this.notice(joined.awareness);
    return joined;
  }

  /** Changes the text and gives the update that this makes. */
  edit(change: (text: Y.Text) => void): Uint8Array {
    let made: Uint8Array | undefined;
    const keep = (update: Uint8Array): void => {
      made = update;
    };
    this.doc.on('update', keep);
    this.doc.transact(() => change(this.doc.getText('text')));
    this.doc.off('update', keep);
    if (made === undefined) throw new Error('nothing was changed');
    return made;
  }

  type(words: string): Promise<number | CoscribeError> {
    return this.submit(this.edit((text) => text.insert(text.length, words)));
  }

  submit(update: Uint8Array, kind: UpdateKind = 'live'): Promise<number | CoscribeError> {
    return new Promise((resolve) => this.session.submit(update, kind, resolve));
  }

  /** Applies what the transport was given. */
  catchUp(): void {
    for (const { updates } of this.transport.frames.splice(0)) this.take(updates);
  }

  private notice(update: Uint8Array): void {
    if (update.length === 0) return;
    const decoder = decoding.createDecoder(update);
    for (let left = decoding.readVarUint(decoder); left > 0; left--) {
      const clientId = decoding.readVarUint(decoder);
      decoding.readVarUint(decoder);
      const state: unknown = JSON.parse(decoding.readVarString(decoder));
      if (state === null) this.others.delete(clientId);
      else this.others.set(clientId, state);
    }
  }

  private take(updates: readonly Uint8Array[]): void {
    for (const update of updates) Y.applyUpdate(this.doc, update);
  }
}
