import type { CoscribeError } from '../../../shared/errors.js';

type Settle = (outcome: number | CoscribeError) => void;

/**
 * Keeps the `unsyncedChanges` of a provider truthful. (Read in @hocuspocus/provider 2.15.3, 3.4.4 and 4.8.0,
 * `HocuspocusProvider.ts`.) The provider counts:
 *
 *     its step 1 (on connecting, or `forceSync`)   count = 1
 *     an update that it sends                      count + 1
 *     a SyncStatus with 1                          count - 1, and at 0 everything is saved
 *
 * Its answers to our step 1 are not counted, unless that one stands for the 1 that it begins with. So a status is owed for
 * the step 1 and for each update, and nothing for an answer as such. An update pays for itself once it is durable. What is
 * refused, or not taken, stays a debt; an answer brings all that the provider had when it sent it, and pays, once it is
 * durable, whatever was owed when it came. So the count is 0 when all is saved, and not before.
 *
 * One status too many would make the provider say "saved" too early; 2.x even counts below 0, and is wrong until it
 * connects again.
 */
export class UnsyncedCount {
  /** Owed since the provider began to count, and to be paid by an answer only. */
  private owed = 0;
  private paid = 0;
  /** Updates under way that may still pay for themselves. */
  private underWay = 0;
  /** What was handed over before is not heard any more when this changes. */
  private era = {};

  /** @param send sends so many statuses with 1 */
  constructor(private readonly send: (count: number) => void) {}

  /** The provider begins to count anew: it has sent its step 1. */
  restart(): void {
    this.era = {};
    this.underWay = 0;
    this.paid = 0;
    this.owed = 1;
  }

  /** Nobody will say any more what became of the updates under way; a later answer pays for them. */
  interrupt(): void {
    this.era = {};
    this.owed += this.underWay;
    this.underWay = 0;
  }

  /** An update was not taken. */
  passedOver(): void {
    this.owed++;
  }

  /** An update is handed over. @param refused told why it was not saved, if it was not */
  update(refused: (reason: CoscribeError) => void): Settle {
    const { era } = this;
    this.underWay++;
    return (outcome) => {
      if (era !== this.era) return;
      this.underWay--;
      if (typeof outcome === 'number') {
        this.send(1);
        return;
      }
      this.owed++;
      refused(outcome);
    };
  }

  /** The answer to a step 1 of ours is handed over. */
  answer(refused: (reason: CoscribeError) => void): Settle {
    const { era, owed } = this;
    return (outcome) => {
      if (era !== this.era) return;
      if (typeof outcome !== 'number') {
        refused(outcome);
        return;
      }
      const due = owed - this.paid;
      if (due <= 0) return;
      this.paid = owed;
      this.send(due);
    };
  }
}
