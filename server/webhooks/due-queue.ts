import type { DocumentId } from '../../shared/ids.js';
import type { Commit } from './commit.js';

/** A document of which something may be due. */
export interface WaitingDocument {
  readonly id: DocumentId;
  /** Its first commit that was heard of, if it was a commit of this node. */
  readonly commit: Commit | undefined;
  /** How often telling it has failed. */
  readonly failures: number;
  /** Not before then, by the monotonic clock. */
  readonly notBefore: number;
}

/** Documents that wait, each once, by time; at most so many. A binary heap, so that adding and taking are cheap with thousands. */
export class DueQueue {
  private heap: WaitingDocument[] = [];
  private readonly ids = new Set<DocumentId>();

  constructor(private readonly max: number) {}

  get size(): number {
    return this.ids.size;
  }

  get full(): boolean {
    return this.size >= this.max;
  }

  has(id: DocumentId): boolean {
    return this.ids.has(id);
  }

  /** The time of the first one. */
  get nextAt(): number | undefined {
    return this.heap[0]?.notBefore;
  }

  /** One that waits already keeps its time. @returns `false` if there is no room */
  add(document: WaitingDocument): boolean {
    if (this.ids.has(document.id)) return true;
    if (this.full) return false;
    this.ids.add(document.id);
    this.heap.push(document);
    this.up(this.heap.length - 1);
    return true;
  }

  /** Takes out what is due, the longest waiting first. */
  take(now: number, count: number): readonly WaitingDocument[] {
    const taken: WaitingDocument[] = [];
    while (taken.length < count) {
      const first = this.heap[0];
      if (first === undefined || first.notBefore > now) break;
      const last = this.heap.pop();
      if (last !== undefined && this.heap.length > 0) {
        this.heap[0] = last;
        this.down(0);
      }
      this.ids.delete(first.id);
      taken.push(first);
    }
    return taken;
  }

  /** Makes those due now that a condition holds for. */
  hurry(now: number, which: (document: WaitingDocument) => boolean): void {
    this.heap = this.heap
      .map((one) => (one.notBefore > now && which(one) ? { ...one, notBefore: now } : one))
      .sort((a, b) => a.notBefore - b.notBefore);
  }

  clear(): void {
    this.heap = [];
    this.ids.clear();
  }

  private up(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.timeOf(parent) <= this.timeOf(at)) return;
      this.swap(at, parent);
      at = parent;
    }
  }

  private down(from: number): void {
    let at = from;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (this.timeOf(child) < this.timeOf(least)) least = child;
      if (least === at) return;
      this.swap(at, least);
      at = least;
    }
  }

  private timeOf(at: number): number {
    return this.heap[at]?.notBefore ?? Number.POSITIVE_INFINITY;
  }

  private swap(a: number, b: number): void {
    const [one, other] = [this.heap[a], this.heap[b]];
    if (one === undefined || other === undefined) return;
    this.heap[a] = other;
    this.heap[b] = one;
  }
}
