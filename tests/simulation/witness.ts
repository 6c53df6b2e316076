import { decodeFrame, decodeUpdateList } from '../../shared/frames.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Committed, Joined, Refused } from '../../shared/protocol.js';
import type { Disk } from './disk.js';
import type { Witness } from './server-socket.js';

/** Compares what leaves the server with what is on the disk at that moment. */
export class DiskWitness implements Witness {
  constructor(
    private readonly disk: Disk,
    /** Called instead of throwing: whoever sends would take the error for one of his own. */
    private readonly fail: (error: Error) => void,
  ) {}

  sent(id: DocumentId, name: string, args: readonly unknown[]): void {
    if (name !== 'updates') return;
    const { from, updates } = decodeFrame(args[0] as Uint8Array);
    for (const [offset, update] of updates.entries()) this.#durable(id, from + offset, update, 'a frame');
  }

  answered(id: DocumentId, name: string, reply: unknown): void {
    if (name === 'join') this.#welcomed(id, reply as Joined | Refused);
    if (name === 'update') this.#acknowledged(id, reply as Committed | Refused);
  }

  #welcomed(id: DocumentId, reply: Joined | Refused): void {
    if (!reply.ok) return;
    const updates = decodeUpdateList(reply.content);
    const first = reply.head - updates.length + 1;
    for (const [at, update] of updates.entries()) {
      const snapshot = at === 0 && !this.#isRow(id, first, update);
      if (!snapshot) this.#durable(id, first + at, update, 'a join');
    }
    if (reply.head > this.disk.log(id).length)
      this.fail(new Error(`a join is answered with number ${reply.head}, which is not on the disk`));
  }

  #acknowledged(id: DocumentId, reply: Committed | Refused): void {
    if (reply.ok && this.disk.row(id, reply.seq) === undefined)
      this.fail(new Error(`number ${reply.seq} was acknowledged and is not on the disk`));
  }

  #durable(id: DocumentId, seq: number, update: Uint8Array, where: string): void {
    if (!this.#isRow(id, seq, update))
      this.fail(new Error(`${where} shows number ${seq}, which is not on the disk like that`));
  }

  #isRow(id: DocumentId, seq: number, update: Uint8Array): boolean {
    const row = this.disk.row(id, seq);
    return row !== undefined && Buffer.compare(row.update, update) === 0;
  }
}

/** Looks away: what goes wrong has to show in the outcome. */
export const BLIND: Witness = { sent: () => {}, answered: () => {} };
