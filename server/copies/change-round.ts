import { CoscribeError } from '../../shared/errors.js';
import type { Clock } from '../../shared/time.js';
import type { Documents } from '../documents/documents.js';
import type { WriteGuard } from '../documents/write-guard.js';
import type { ContentChange } from '../workers/copy-work.js';
import type { WaitingChange } from './change-line.js';
import type { Position } from './copies.js';
import type { CopyWriter, Outcome } from './copy-writer.js';
import type { CopyWriters } from './copy-writers.js';
import type { DocumentCopy } from './document-copy.js';
import { answer, type Fate, handIn, type ReadyChange, Together } from './hand-in.js';

/** Those that are made in one go: the first of them waits for the last, in milliseconds and in bytes of updates. */
const MAKING_MS = 10;
const MAKING_BYTES = 1024 * 1024;
/** JSON that one JSON patch may write at most, for each byte that an update may hold. */
const PATCH_SHARE = 4;

/** A change of content. */
export type WaitingEdit = WaitingChange & { readonly change: ContentChange };

/** What changes are made with. */
interface RoundHome {
  readonly writers: CopyWriters;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly documents: Pick<Documents, 'maxDocumentBytes'>;
}

/** What came of a change in the copy, on what those before it left there. */
type Made =
  | (ReadyChange & { readonly as: 'update' })
  /** There was nothing to change. */
  | { readonly asked: WaitingEdit; readonly as: 'nothing'; readonly seq: number }
  | { readonly asked: WaitingEdit; readonly as: 'refusal'; readonly error: unknown };

/**
 * Makes changes in a copy, each on what the one before it left, then hands them in, so that they share a commit.
 *
 * Each is answered when it is durable and so is what came before it. What was made on one that is refused was made on something
 * that nobody will ever see: it is made once more, as if it had come just now.
 *
 * @param asked of which the first, at least, is answered
 * @returns those that are not answered, in their order
 * @throws CoscribeError if nothing could begin: then none is answered
 */
export async function changeTogether(
  copy: DocumentCopy,
  asked: readonly WaitingEdit[],
  home: RoundHome,
): Promise<readonly WaitingChange[]> {
  await copy.upToDate();
  const { made, left } = await make(copy, asked, home);
  return [...(await write(copy, made, home.writers)), ...left];
}

async function make(
  copy: DocumentCopy,
  asked: readonly WaitingEdit[],
  { writers, clock, documents }: RoundHome,
): Promise<{ readonly made: readonly Made[]; readonly left: readonly WaitingChange[] }> {
  const begunAt = clock.monotonic();
  const together = new Together(writers);
  const made: Made[] = [];
  let bytes = 0;
  for (const [n, one] of asked.entries()) {
    const isFull = copy.gone || bytes > MAKING_BYTES || clock.monotonic() - begunAt >= MAKING_MS;
    if ((made.length > 0 && isFull) || !together.takes(one)) return { made, left: asked.slice(n) };
    let writer: CopyWriter;
    try {
      refuseOther(one.guard, copy.position);
      writer = await writers.of(one.by);
      if (writer.generation !== copy.position.generation) throw new CoscribeError('document-reloading');
      if (one.call.over) throw new CoscribeError('server-busy');
    } catch (error) {
      one.reject(error);
      continue;
    }
    const result = await makeOne(copy, one, {
      writer,
      writers,
      maxDocumentBytes: documents.maxDocumentBytes,
    });
    made.push(result);
    const parts = result.as === 'update' ? result.parts : undefined;
    together.add(one, parts);
    for (const { length } of parts ?? []) bytes += length;
  }
  return { made, left: [] };
}

interface MakingOf {
  readonly writer: CopyWriter;
  readonly writers: CopyWriters;
  readonly maxDocumentBytes: number;
}

async function makeOne(
  copy: DocumentCopy,
  asked: WaitingEdit,
  { writer, writers, maxDocumentBytes }: MakingOf,
): Promise<Made> {
  let isMade = false;
  try {
    const { change, guard } = asked;
    const { clientId } = writer.author;
    const maxBytes = PATCH_SHARE * copy.limits.maxUpdateBytes;
    const { seq, body: update } = await copy.ask({ kind: 'change', change, clientId, maxBytes });
    if (update.length === 0) return { asked, as: 'nothing', seq };
    isMade = true;
    refuseOther(guard, { ...copy.position, seq });
    const parts = await writers.partsOf(update);
    // What was replaced or deleted is counted until somebody looks.
    if (copy.bytes > maxDocumentBytes) await copy.ask({ kind: 'measure' });
    return { asked, writer, as: 'update', parts, bytesAfter: copy.bytes };
  } catch (error) {
    // Nothing may be built upon what will never be in the log.
    if (isMade) copy.end(new CoscribeError('document-reloading'));
    return { asked, as: 'refusal', error };
  }
}

/** @returns those that have to be made once more */
async function write(
  copy: DocumentCopy,
  made: readonly Made[],
  writers: CopyWriters,
): Promise<readonly WaitingChange[]> {
  const { generation } = copy.position;
  const outcomes = handIn(
    made.filter((one) => one.as === 'update'),
    'live',
  );
  const fates: Promise<Fate>[] = [];
  // Of a log everything before it is durable, too.
  let last: Outcome = Promise.resolve(0);
  let place = 0;
  for (const one of made) {
    if (one.as === 'update') {
      const outcome = outcomes[place++];
      if (outcome === undefined) break;
      fates.push(answer(one, outcome, writers));
      last = outcome;
    } else if (last instanceof CoscribeError) break;
    else fates.push(answerAfter(last, one, generation));
  }
  const known = await Promise.all(fates);
  const again = made.filter((_, n) => (known[n] ?? 'again') === 'again').map(({ asked }) => asked);
  // A copy with anything in it that is not in the log, and perhaps never will be, is given up.
  if (again.length > 0 || known.includes('failed')) copy.end(new CoscribeError('document-reloading'));
  else copy.changeIsDurable();
  return again;
}

/** Answers one that writes nothing, when all is durable that it was found out upon. */
async function answerAfter(
  last: Promise<number>,
  one: Exclude<Made, { as: 'update' }>,
  generation: string,
): Promise<Fate> {
  const { asked } = one;
  try {
    const seq = await last;
    if (one.as === 'refusal') asked.reject(one.error);
    else asked.resolve({ generation, seq: Math.max(seq, one.seq), changed: false });
    return 'durable';
  } catch {
    return 'again';
  }
}

/** @throws CoscribeError `precondition-failed` */
function refuseOther(guard: WriteGuard | undefined, at: Position): void {
  const after = guard?.after;
  if (after === undefined || (after.generation === at.generation && after.seq === at.seq)) return;
  throw new CoscribeError('precondition-failed');
}
