import { decodeFrame, decodeUpdateList } from '../../shared/frames.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Committed, Joined, Refused } from '../../shared/protocol.js';
import { sectionsOf } from '../../shared/update-order.js';
import { trimKnown } from '../../shared/update-trim.js';
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
    for (const [offset, update] of updates.entries()) {
      const seq = from + offset;
      const adds = this.disk.row(id, seq)?.adds;
      if (adds === undefined || !sameEffect(adds, update))
        this.fail(new Error(`a frame shows number ${seq}, which is not on the disk like that`));
    }
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
      const snapshot = at === 0 && !this.#isOfRow(id, first, update);
      if (!snapshot && !this.#isOfRow(id, first + at, update))
        this.fail(new Error(`a join shows number ${first + at}, which is not on the disk like that`));
    }
    if (reply.head > this.disk.log(id).length)
      this.fail(new Error(`a join is answered with number ${reply.head}, which is not on the disk`));
  }

  #acknowledged(id: DocumentId, reply: Committed | Refused): void {
    if (reply.ok && this.disk.row(id, reply.seq) === undefined)
      this.fail(new Error(`number ${reply.seq} was acknowledged and is not on the disk`));
  }

  /** Whether it is the row, or that part of it which a copy lacks. */
  #isOfRow(id: DocumentId, seq: number, update: Uint8Array): boolean {
    const row = this.disk.row(id, seq)?.update;
    if (row === undefined || Buffer.compare(row, update) === 0) return row !== undefined;
    const shown = new Map<number, number>();
    for (const { client, from } of sectionsOf(update)) shown.set(client, from);
    const known = { clock: (client: number) => shown.get(client) ?? Number.POSITIVE_INFINITY };
    return sameEffect(trimKnown(row, known), update);
  }
}

/** Whether two updates say the same, perhaps in another order. */
function sameEffect(a: Uint8Array, b: Uint8Array): boolean {
  if (Buffer.compare(a, b) === 0) return true;
  const nothing = { clock: () => 0 };
  return Buffer.compare(trimKnown(a, nothing), trimKnown(b, nothing)) === 0;
}

/** Looks away: what goes wrong has to show in the outcome. */
export const BLIND: Witness = { sent: () => {}, answered: () => {} };
