import { isComparableHash } from '../../shared/content-hash.js';
import { CoscribeError } from '../../shared/errors.js';
import { encodeUpdateList } from '../../shared/frames.js';
import type { DocumentId } from '../../shared/ids.js';
import type { ContentCheck } from '../../shared/protocol.js';
import type { DocumentStore } from '../storage/store.js';
import type { Counters } from '../telemetry/counters.js';
import type { Log } from '../telemetry/log.js';
import type { CrdtWork, HashJob } from '../workers/crdt-work.js';
import type { Checked, QuietChecks } from './quiet-checks.js';
import type { SnapshotCache } from './snapshot-cache.js';
import { type StoredState, storedBytes } from './stored-state.js';

/** Reports of clients that are written to the log for each check; the others are counted. */
const MAX_REPORTS_LOGGED = 5;
const MAX_REPORTS = 1_000;
const MAX_HASHES_HEARD = 16;
const ROWS_PER_READ = 1_000;

export interface QuietCheckServices {
  readonly store: Pick<DocumentStore, 'readLog' | 'readSnapshot'>;
  readonly snapshots: Pick<SnapshotCache, 'read'>;
  readonly crdt: Pick<CrdtWork, 'hash'>;
  readonly log: Log;
  readonly counters: Pick<Counters, 'count'>;
  readonly checks: Pick<QuietChecks, 'changed' | 'ask' | 'forget'>;
}

export interface QuietCheckOptions {
  readonly id: DocumentId;
  readonly generation: string;
  readonly stored: StoredState;
  /** Name of this node. */
  readonly node: string;
  readonly services: QuietCheckServices;
  /** The sessions of this node are to compare. */
  tellSessions(check: ContentCheck): void;
  /** The other nodes are to compare. */
  tellNodes(check: ContentCheck): void;
  /** What this node holds is wrong; it has to be loaded again. */
  rebuild(error: CoscribeError): void;
}

/** A client that shows something else, as the log names it. */
export interface Reporter {
  readonly id: string;
  readonly clientId: number;
}

/**
 * Finds out in quiet moments whether everybody shows the same content: state vectors and the numbers of the log can be
 * equal and the texts different. What counts is what a fresh document shows that loads the log from the store.
 *
 * This node hashes what it holds and tells the others and the clients, at which `seq`. Whoever has another hash at the
 * same `seq` is wrong, or this node is: the store tells. A node that is wrong loads the document again, a client throws its
 * copy away. Who finds only that others are wrong tells them once more.
 */
export class QuietCheck implements Checked {
  /** What this node holds, as of its last check. */
  private last: ContentCheck | undefined;
  /** Hashes of other nodes at a `seq` that this one has not checked yet. */
  private heardOf: { readonly seq: number; readonly hashes: Set<string> } | undefined;
  /** Whoever has reported since the last check. */
  private readonly reporters = new Set<string>();
  /** `seq` at which this node and the store were compared last. */
  private verifiedAt: number | undefined;
  private stopped = false;

  constructor(private readonly options: QuietCheckOptions) {}

  get bytes(): number {
    return storedBytes(this.options.stored);
  }

  /** The document has grown. */
  changed(): void {
    if (!this.stopped) this.options.services.checks.changed(this);
  }

  /** A client that came back with a copy of its own is to compare it. */
  returned(tell: (check: ContentCheck) => void): void {
    if (this.stopped) return;
    if (this.last?.seq === this.head) tell(this.last);
    else this.options.services.checks.ask(this);
  }

  /** Another node has checked. */
  heard({ seq, hash }: ContentCheck): void {
    if (this.stopped || !isComparableHash(hash)) return;
    if (this.last?.seq === seq) {
      if (this.last.hash !== hash) void this.doubt(this.last, hash);
      return;
    }
    if (seq < this.head) return;
    if (this.heardOf?.seq !== seq) this.heardOf = { seq, hashes: new Set() };
    if (this.heardOf.hashes.size < MAX_HASHES_HEARD) this.heardOf.hashes.add(hash);
    this.options.services.checks.ask(this);
  }

  /** A client says that it shows something else. One report of a session counts for each check. */
  reported({ id: session, clientId }: Reporter, { seq, hash: clientHash }: ContentCheck): void {
    const { last, reporters } = this;
    if (this.stopped || last?.seq !== seq || last.hash === clientHash || !isComparableHash(clientHash))
      return;
    if (reporters.has(session) || reporters.size >= MAX_REPORTS) return;
    reporters.add(session);
    const { log, counters } = this.options.services;
    counters.count('content-mismatch-client');
    if (reporters.size <= MAX_REPORTS_LOGGED) {
      log.warn(
        { ...this.facts(last), session, clientId, clientHash },
        'a client showed another content than this node, and begins with a new copy; if this comes again, keep this line, the browser and its version',
      );
    }
    // It may be this node that is wrong.
    void this.verify(last, { clientHash });
  }

  async check(): Promise<void> {
    const { services } = this.options;
    if (this.stopped) return;
    try {
      const checked = this.last?.seq === this.head ? this.last : await this.hashHeld();
      if (this.stopped || checked === undefined) return;
      this.last = checked;
      this.reporters.clear();
      this.options.tellNodes(checked);
      // Others have got on; they are asked once they are quiet again.
      if (checked.seq === this.head) this.options.tellSessions(checked);
      const heard = this.heardOf?.seq === checked.seq ? this.heardOf.hashes : new Set<string>();
      this.heardOf = undefined;
      for (const hash of heard) if (hash !== checked.hash) await this.doubt(checked, hash);
    } catch (err) {
      if (!this.stopped)
        services.log.debug({ document: this.options.id, err }, 'could not hash the content this time');
    }
  }

  /** Nothing more is checked. */
  stop(): void {
    this.stopped = true;
    this.options.services.checks.forget(this);
  }

  private get head(): number {
    return this.options.stored.tail.head;
  }

  /** `undefined` if the content is on the move just now. */
  private async hashHeld(): Promise<ContentCheck | undefined> {
    const { id, generation, stored, services } = this.options;
    const { tail, snapshotSeq } = stored;
    const seq = tail.head;
    const since = encodeUpdateList([], tail.encodedAfter(tail.first - 1));
    const snapshot = snapshotSeq > 0 ? await services.snapshots.read(id, generation, snapshotSeq) : undefined;
    // Another node has got on, and this one has not heard of it yet.
    if (snapshot !== undefined && snapshot.seq > seq) return undefined;
    return { seq, hash: await this.hash({ state: snapshot?.state, since }) };
  }

  /** What a fresh document shows at `seq`; `undefined` if the store can't tell any more. */
  private async hashStored(seq: number): Promise<string | undefined> {
    const { id, generation, services } = this.options;
    const snapshot = await services.store.readSnapshot(id, generation);
    let at = snapshot?.seq ?? 0;
    if (at > seq) return undefined;
    const updates: Uint8Array[] = [];
    while (at < seq) {
      const rows = await services.store.readLog(id, at, Math.min(ROWS_PER_READ, seq - at), generation);
      if (rows.length === 0) throw new CoscribeError('internal', `the log ends at ${at} of ${seq}`);
      for (const { update } of rows) updates.push(update);
      at += rows.length;
    }
    return this.hash({ state: snapshot?.state, since: encodeUpdateList(updates) });
  }

  private hash(job: HashJob): Promise<string> {
    const { crdt, counters } = this.options.services;
    counters.count('content-check');
    return crdt.hash(job);
  }

  /** Another node holds something else. If it is the one that is wrong, it may have missed what this one said. */
  private async doubt(held: ContentCheck, othersHash: string): Promise<void> {
    if (await this.verify(held, { othersHash })) this.options.tellNodes(held);
  }

  /** Compares with the store, once for each `seq`. @returns whether that has just shown that this node is right */
  private async verify(held: ContentCheck, told: Readonly<Record<string, string>>): Promise<boolean> {
    const { services, rebuild } = this.options;
    if (this.verifiedAt === held.seq) return false;
    this.verifiedAt = held.seq;
    let storedHash: string | undefined;
    try {
      storedHash = await this.hashStored(held.seq);
    } catch (err) {
      this.verifiedAt = undefined;
      services.log.warn(
        { ...this.facts(held), ...told, err },
        'contents differ, and the store could not be asked which is right',
      );
      return false;
    }
    if (this.stopped || storedHash === undefined) return false;
    if (storedHash === held.hash) return true;
    services.counters.count('content-mismatch-node');
    services.log.error(
      { ...this.facts(held), ...told, storedHash },
      'this node held another content than the store; it loads the document again. Keep this line, a copy of the document’s rows in the store and the logs of all nodes, and report it',
    );
    rebuild(new CoscribeError('document-reloading', 'this node held another content than the store'));
    return false;
  }

  private facts({ seq, hash }: ContentCheck): Readonly<Record<string, unknown>> {
    const { id, generation, node, stored } = this.options;
    const { tail, snapshotSeq, snapshotBytes } = stored;
    const sizes = { snapshotSeq, snapshotBytes, tailRows: tail.length, tailBytes: tail.bytes };
    return { document: id, generation, node, seq, hash, head: this.head, ...sizes };
  }
}
