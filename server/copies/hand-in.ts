import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import type { UpdateKind } from '../../shared/protocol.js';
import type { WaitingChange } from './change-line.js';
import type { CopyWriter, Outcome } from './copy-writer.js';
import { type CopyWriters, MAX_WRITERS } from './copy-writers.js';

/** A change that is ready for the log. */
export interface ReadyChange {
  readonly asked: WaitingChange;
  readonly writer: CopyWriter;
  readonly parts: readonly Uint8Array[];
  /** As `ChainedEdit.bytesAfter`. */
  readonly bytesAfter?: number;
}

/** What became of a change; `again`: nothing, because of one before it, and it is not answered. */
export type Fate = 'durable' | 'failed' | 'again';

/** Of one person's changes with receipts, those that go together: for some stores each is a transaction, for which all wait. */
const MAX_CHAIN = 8;

/**
 * Which changes share a commit: any that the store cannot refuse, and behind them those that bring receipts, of one person. What
 * names a version, or is of several parts without a receipt, comes last, for nothing may build on it.
 */
export class Together {
  private readonly people = new Set<string>();
  /** Whose receipts come. */
  private chain: string | undefined;
  private links = 0;
  private isClosed = false;

  constructor(private readonly writers: Pick<CopyWriters, 'keyOf'>) {}

  /** Whether it may come next. The way in of one who may not is not to be opened: another one's could be closed for it. */
  takes({ by, guard }: WaitingChange): boolean {
    const { people, chain } = this;
    if (this.isClosed || (people.size > 0 && guard?.after !== undefined)) return false;
    const key = this.writers.keyOf(by);
    if (people.size >= MAX_WRITERS && !people.has(key)) return false;
    return chain === undefined || (chain === key && guard?.receipt !== undefined && this.links < MAX_CHAIN);
  }

  /** @param parts `undefined` if it writes nothing */
  add({ by, guard }: WaitingChange, parts: readonly Uint8Array[] | undefined): void {
    const key = this.writers.keyOf(by);
    this.people.add(key);
    if (parts === undefined) return;
    if (guard?.after !== undefined) this.isClosed = true;
    else if (guard?.receipt !== undefined) {
      this.chain = key;
      this.links++;
    } else if (parts.length > 1) this.isClosed = true;
  }
}

/**
 * Hands in changes that share a commit (`Together`).
 *
 * @returns of each what becomes of it. The one that is refused at once is the last: those behind it are not handed in
 */
export function handIn(ready: readonly ReadyChange[], kind: UpdateKind): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  for (const [n, one] of ready.entries()) {
    const { asked, writer, parts } = one;
    const [only] = parts;
    if (asked.guard !== undefined || parts.length > 1 || only === undefined) {
      outcomes.push(...handInChain(ready.slice(n), kind));
      break;
    }
    const outcome = asked.call.over ? new CoscribeError('server-busy') : writer.handIn(only, kind);
    if (outcome instanceof CoscribeError) {
      outcomes.push(...(isFull(outcome) ? handInChain([one], kind) : [outcome]));
      break;
    }
    outcomes.push(outcome);
  }
  for (const [n, outcome] of outcomes.entries()) {
    const call = ready[n]?.asked.call;
    if (call !== undefined) call.isUnderWay = !(outcome instanceof CoscribeError);
  }
  return outcomes;
}

/** Of a chain it is looked at what the document will be, and not only at what is stored meanwhile. */
function isFull({ code }: CoscribeError): boolean {
  return code === 'document-too-large' || code === 'document-busy';
}

function handInChain(chain: readonly ReadyChange[], kind: UpdateKind): readonly Outcome[] {
  const late = chain.findIndex(({ asked }) => asked.call.over);
  const inTime = late < 0 ? chain : chain.slice(0, late);
  const [first] = inTime;
  if (first === undefined) return [new CoscribeError('server-busy')];
  const edits = inTime.map(({ asked: { guard }, parts: updates, bytesAfter }) => ({
    updates,
    bytesAfter,
    ...(guard?.receipt !== undefined && { receipt: guard.receipt }),
  }));
  const all = first.writer.handInChain(edits, kind, first.asked.guard?.after);
  const refused = all.findIndex((outcome) => outcome instanceof CoscribeError);
  if (refused >= 0) return all.slice(0, refused + 1);
  return late < 0 ? all : [...all, new CoscribeError('server-busy')];
}

/** Answers a change when it is durable, or never will be. */
export async function answer(
  { asked, writer }: ReadyChange,
  outcome: Outcome,
  writers: CopyWriters,
): Promise<Fate> {
  try {
    if (outcome instanceof CoscribeError) throw outcome;
    asked.resolve({ generation: writer.generation, seq: await outcome, changed: true });
    return 'durable';
  } catch (thrown) {
    writers.forget(writer);
    // One that names no version was refused for the place that a chain gave it.
    const { code } = toCoscribeError(thrown);
    if (code === 'precondition-failed' && asked.guard?.after === undefined) return 'again';
    asked.reject(thrown);
    return 'failed';
  } finally {
    asked.call.isUnderWay = false;
  }
}
