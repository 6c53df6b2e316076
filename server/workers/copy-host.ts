import { CoscribeError } from '../../shared/errors.js';
import { CopiedDocument } from './copied-document.js';
import { failureOf } from './copy-failure.js';
import type { CopyReply, CopyRequest } from './copy-messages.js';
import type { CopyAnswer } from './copy-work.js';

const NOTHING: CopyAnswer = { seq: 0, body: new Uint8Array(), before: [], since: 0 };

/** The copies of documents in one thread: does what it is asked at once, one thing after the other. */
export class CopyHost {
  private readonly copies = new Map<number, CopiedDocument>();

  handle({ copy: number, feed, task, drops }: CopyRequest): CopyReply {
    for (const dropped of drops) this.drop(dropped);
    if (number === undefined) return { news: [], bytes: 0, outcome: { kind: 'done', answer: NOTHING } };
    let copy = this.copies.get(number);
    try {
      if (copy === undefined) {
        copy = new CopiedDocument();
        this.copies.set(number, copy);
      }
      const answer = copy.perform(feed, task);
      return { news: copy.takeNews(), bytes: copy.bytes, outcome: { kind: 'done', answer } };
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (thrown instanceof CoscribeError && copy?.broken === false)
        return { news: copy.takeNews(), bytes: copy.bytes, outcome: { kind: 'refused', ...failure } };
      this.drop(number);
      return { news: [], bytes: 0, outcome: { kind: 'broken', ...failure } };
    }
  }

  private drop(number: number): void {
    this.copies.get(number)?.destroy();
    this.copies.delete(number);
  }
}
