import { CoscribeError } from '../../../shared/errors.js';

/** Archives that this node makes or takes at the same time, and of these for one sender. */
const AT_ONCE = 8;
const AT_ONCE_EACH = 2;

/** Bounds how many archives are under way: each costs some time of the disk, and the memory of a document. */
export class ArchiveTurns {
  private count = 0;
  private readonly counts = new Map<string, number>();

  /**
   * @param sender who asks
   * @returns to be called when it is over; again it does nothing
   * @throws CoscribeError `too-many-requests` if he has enough under way, `server-busy` if there are enough of others
   */
  take(sender: string): () => void {
    const own = this.counts.get(sender) ?? 0;
    if (own >= AT_ONCE_EACH)
      throw new CoscribeError('too-many-requests', `${AT_ONCE_EACH} archives at a time`);
    if (this.count >= AT_ONCE) throw new CoscribeError('server-busy');
    this.count++;
    this.counts.set(sender, own + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.count--;
      const left = (this.counts.get(sender) ?? 1) - 1;
      if (left > 0) this.counts.set(sender, left);
      else this.counts.delete(sender);
    };
  }
}
