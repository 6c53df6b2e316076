import { CoscribeError } from '../../shared/errors.js';
import type { View } from '../workers/copy-work.js';
import type { Viewed } from './copies.js';
import type { DocumentCopy } from './document-copy.js';
import { Turns } from './turns.js';

/** Different views of a document that wait; more don't. One of a 10 MB document takes about 50 ms. */
const MOST_WAITING = 100;

/** What is made once, for everybody who has asked for it. */
interface Answer {
  readonly copy: Pick<DocumentCopy, 'ask' | 'position'>;
  readonly key: string;
  /** The last row that is surely in it; not known before it is begun. */
  begunAt: number | undefined;
  /** Of each who has asked, whether he still waits. */
  readonly awaited: (() => boolean)[];
}

/**
 * Views of one document. They are made one after the other, so that in the thread a document takes turns with all others,
 * however often it is looked at.
 */
export class ViewLine {
  private readonly turns = new Turns(MOST_WAITING);
  /** Those that wait or are being made. */
  private readonly answers = new Map<Answer, Promise<Viewed>>();

  /**
   * Looks at a copy. Everything that was answered before the call must have come to it (`DocumentCopy.upToDate`).
   *
   * Whoever asks for the same view of the same copy gets the same answer, if all that he has to see is in it, which is
   * nothing after `position`. An answer that still waits gets all that has come by the time it is begun, so that he may have
   * it. In one that is begun is what had come when it was: he may have it only if no row has come since. (The thread may
   * have taken up such rows too, for it is given them when it comes to the task; that is not known before it answers.)
   *
   * @param isAwaited whether somebody still waits for it, asked when its turn has come
   * @throws CoscribeError `server-busy` if too much waits, or nobody does; as `DocumentCopy.ask`
   */
  take(copy: Answer['copy'], view: View, isAwaited: () => boolean): Promise<Viewed> {
    const key = keyOf(view);
    const { seq } = copy.position;
    for (const [answer, viewed] of this.answers) {
      const { begunAt = seq } = answer;
      if (answer.copy !== copy || answer.key !== key || begunAt !== seq) continue;
      answer.awaited.push(isAwaited);
      return viewed;
    }
    const answer: Answer = { copy, key, begunAt: undefined, awaited: [isAwaited] };
    const viewed = this.make(answer, view);
    this.answers.set(answer, viewed);
    return viewed;
  }

  private async make(answer: Answer, view: View): Promise<Viewed> {
    const { copy, awaited } = answer;
    try {
      return await this.turns.take('alone', async () => {
        if (!awaited.some((isAwaited) => isAwaited())) throw new CoscribeError('server-busy');
        const { generation, seq: begunAt } = copy.position;
        answer.begunAt = begunAt;
        const { seq, body } = await copy.ask({ kind: 'view', view });
        return { generation, seq, body };
      });
    } finally {
      this.answers.delete(answer);
    }
  }
}

/** Of views that show the same it is the same. */
function keyOf(view: View): string {
  const root = 'root' in view ? view.root : undefined;
  const since = view.as === 'state' && view.since && Buffer.from(view.since).toString('base64');
  return JSON.stringify({ as: view.as, root, since });
}
