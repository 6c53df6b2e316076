import type { AddedClocks, CheckedUpdate, DocumentIndex } from '../../shared/document-index.js';
import { CoscribeError } from '../../shared/errors.js';
import { decodeFrame, encodeFrame } from '../../shared/frames.js';
import type { DocumentId } from '../../shared/ids.js';
import type { JoinRequest } from '../../shared/protocol.js';
import type { BusMessage } from '../cluster/bus.js';
import type { DocumentPosition } from '../storage/store.js';
import type { BusLine } from './bus-line.js';
import { CommittedClocks } from './committed-clocks.js';
import { Compaction } from './compaction.js';
import type { LoadedDocument } from './load.js';
import { LogFollower } from './log-follower.js';
import { lostReason } from './lost-reason.js';
import type { DocumentServices } from './services.js';
import type { StoredState } from './stored-state.js';

/** A row of the log as it goes to the sessions. */
export interface ReplicaRow<Owner> {
  readonly update: Uint8Array;
  /** The session of this node that sent it, if one did. */
  readonly owner: Owner | undefined;
  /** What it adds; known of rows that the index took up when they were admitted here. */
  readonly added?: readonly AddedClocks[] | undefined;
}

/** The document whose log this is. */
export interface LogReplicaHome<Owner> {
  /** Rows are part of the document from now on, and go to the sessions. */
  onRows(from: number, rows: readonly ReplicaRow<Owner>[]): void;
  /** The copy here cannot go on; it has to be loaded again. */
  onLost(error: CoscribeError): void;
}

/**
 * The document's log as this node has it: what is committed, by whichever node, in the one order that the store gave it.
 * What another node committed comes over the bus, and from the store when it does not.
 */
export class LogReplica<Owner> {
  readonly id: DocumentId;
  readonly generation: string;
  readonly stored: StoredState;
  /** Runs ahead of the head by what is admitted and not yet committed. */
  readonly index: DocumentIndex;
  readonly compaction: Compaction;
  private readonly clocks: CommittedClocks;
  private stopped = false;
  private readonly follower: LogFollower<ReplicaRow<Owner>>;

  constructor(
    loaded: LoadedDocument,
    private readonly services: DocumentServices,
    private readonly line: BusLine,
    private readonly home: LogReplicaHome<Owner>,
  ) {
    const { id, generation, index, stored } = loaded;
    this.id = id;
    this.generation = generation;
    this.index = index;
    this.stored = stored;
    this.clocks = new CommittedClocks(index);
    this.compaction = new Compaction({
      id,
      generation,
      stored,
      services,
      onWritten: ({ seq, state }) => {
        const { firstRow } = stored;
        line.publish({ kind: 'snapshot', generation, seq, bytes: state.length, firstRow });
      },
      onWrong: (error) => home.onLost(error),
    });
    const { store, clock, random, counters } = services;
    const expecting = (): boolean => line.bus.connected;
    this.follower = new LogFollower(this, { store, clock, random, counters, expecting }, (update) => ({
      update,
      owner: undefined,
    }));
  }

  /** Last committed `seq`, as far as it is known here. */
  get head(): number {
    return this.stored.tail.head;
  }

  /** An update is admitted here; it will be committed later. */
  admitted(checked: CheckedUpdate): void {
    this.clocks.admitted(checked.added);
    this.index.admit(checked);
  }

  /**
   * Rows that this node has committed.
   *
   * @returns them as they are to go to the sessions; `undefined` if rows of other nodes are missing before them, so that
   *   they go there later, by `onRows`
   */
  record<Row extends ReplicaRow<Owner>>(from: number, rows: readonly Row[]): readonly Row[] | undefined {
    if (from !== this.head + 1) {
      this.publish(from, rows);
      this.follower.offer(from, rows);
      return undefined;
    }
    let recorded = rows;
    for (const [at, row] of rows.entries()) {
      const update = this.pushed(row);
      if (update === undefined) return undefined;
      if (update !== row.update) recorded = recorded.with(at, { ...row, update });
    }
    this.compaction.grown({ own: true });
    return recorded;
  }

  /** Rows that this node has committed go to the other nodes. */
  publish(from: number, rows: readonly ReplicaRow<Owner>[]): void {
    if (this.line.bus.alone) return;
    const frame = encodeFrame({ from, updates: rows.map(({ update }) => update) });
    this.line.publish({ kind: 'updates', generation: this.generation, frame });
  }

  /** Rows that have waited for those recorded last follow them to the sessions. */
  release(): void {
    this.follower.release();
  }

  /** Rows that another node has committed. */
  received({ generation, frame }: Extract<BusMessage, { kind: 'updates' }>): void {
    if (generation !== this.generation) {
      this.lookAtStore();
      return;
    }
    const { from, updates } = decodeFrame(frame);
    this.follower.offer(
      from,
      updates.map((update) => ({ update, owner: undefined })),
    );
  }

  /** Another node has written a snapshot. */
  adopt({
    seq,
    bytes,
    firstRow,
  }: {
    readonly seq: number;
    readonly bytes: number;
    readonly firstRow: number;
  }) {
    const { stored } = this;
    stored.firstRow = Math.max(stored.firstRow, firstRow);
    if (seq <= stored.snapshotSeq || seq > this.head) return;
    stored.tail.trim(seq);
    stored.snapshotSeq = seq;
    stored.snapshotBytes = bytes;
    this.compaction.adopted();
  }

  /**
   * How the document stands in the store, as it was asked when the head here was `headThen`; `undefined` if it is not
   * there any more.
   */
  compare(position: DocumentPosition | undefined, headThen: number): void {
    if (position === undefined || position.generation !== this.generation) void this.lost();
    else if (position.head < headThen) {
      const detail = `its log went back from ${headThen} to ${position.head}`;
      this.home.onLost(new CoscribeError('generation-changed', detail));
    } else {
      this.follower.heardOf(position.head);
      const { snapshotSeq, snapshotBytes, firstRow } = position;
      this.adopt({ seq: snapshotSeq, bytes: snapshotBytes, firstRow });
    }
  }

  /** Asks the store now where the document stands; the next look at all documents does it if this fails. */
  lookAtStore(): void {
    this.readPosition().catch(() => {});
  }

  /**
   * Sees to it that whoever joins with a copy is not shown less than he has seen.
   *
   * @throws CoscribeError `generation-changed` if the copy is not of this document, or has seen more than there is; what
   *   `catchUp` throws
   */
  async meet({ generation, seq = 0 }: Pick<JoinRequest, 'generation' | 'seq'>): Promise<void> {
    const { alone, connected } = this.line.bus;
    const other = generation !== undefined && generation !== this.generation;
    const behind = this.follower.behind || seq > this.head;
    if (!alone && (other || behind || !connected)) await this.catchUp();
    if (this.stopped) throw new CoscribeError('document-reloading');
    if (generation === undefined) return;
    if (other) throw new CoscribeError('generation-changed');
    // A client that was shown more than the log holds has seen a past that was undone from outside.
    if (seq > this.head) {
      throw new CoscribeError('generation-changed', `the copy is at ${seq}, the log ends at ${this.head}`);
    }
  }

  /**
   * Fulfils once everything is here that was committed when this was called.
   *
   * @throws CoscribeError `store-unavailable` and the like
   */
  async catchUp(): Promise<void> {
    await this.readPosition();
    await this.follower.catchUp();
  }

  /** Nothing more is followed. */
  stop(): void {
    this.stopped = true;
    this.follower.stop();
  }

  // What follows is for the follower.

  take(row: ReplicaRow<Owner>): void {
    const from = this.head + 1;
    const update = this.pushed(row);
    if (update === undefined) return;
    const taken = { owner: row.owner, update };
    this.compaction.grown({ own: row.owner !== undefined });
    this.home.onRows(from, [taken]);
  }

  onLost(error: CoscribeError): void {
    this.home.onLost(error);
  }

  /** The row comes next. @returns what it adds; nothing if it does not follow from those before it, so that all is lost */
  private pushed({ update, added }: ReplicaRow<Owner>): Uint8Array | undefined {
    const seq = this.head + 1;
    try {
      const trimmed =
        added === undefined ? this.clocks.takeForeign(update) : this.clocks.takeOwn(update, added);
      this.stored.tail.push(trimmed);
      return trimmed;
    } catch (cause) {
      this.onLost(
        new CoscribeError('internal', `log row ${seq} does not follow from those before it`, { cause }),
      );
      return undefined;
    }
  }

  private async lost(): Promise<void> {
    const reason = await lostReason(this.services.store, this.id);
    if (!this.stopped) this.home.onLost(reason);
  }

  private async readPosition(): Promise<void> {
    const { head } = this;
    const positions = await this.services.store.positions([this.id]);
    this.compare(positions.get(this.id), head);
  }
}
