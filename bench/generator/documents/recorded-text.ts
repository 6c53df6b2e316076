import * as Y from 'yjs';
import type { Random } from '../../../shared/time.js';
import { CodePoints } from '../../../tools/replay/code-points.js';
import { type Patch, readTrace, type Seen, type Trace } from '../../../tools/replay/trace.js';
import { ROOT_NAME } from '../edits.js';
import { FIRST_WRITER_ID, LongText } from './long-text.js';

/**
 * A text that people really wrote, from a recording as `npm run replay` takes it.
 *
 * @throws TraceError if the file is none; Error if the text does not end as recorded
 */
export async function readRecordedText(file: string, random: Random): Promise<LongText> {
  return recordedText(await readTrace(file), random);
}

/** @throws Error if the text does not end as recorded */
export function recordedText(trace: Trace, random: Random): LongText {
  const authors = Array.from({ length: trace.authors }, (_, number) => new Author(FIRST_WRITER_ID + number));
  const [first] = authors;
  if (first === undefined) throw new Error('nobody wrote this recording');
  const start = first.write([[0, 0, trace.startContent]]);
  for (const author of authors) author.read([start]);
  for (const { author, patches, sees } of trace.transactions) {
    const writer = authors[author] ?? first;
    writer.catchUp(sees, authors);
    writer.made.push(writer.write(patches));
  }
  first.read(authors.flatMap(({ made }) => made));
  const text = new LongText(first.doc, random);
  if (text.text !== trace.endContent) throw new Error('the text does not end as recorded');
  return text;
}

const NOTHING = Uint8Array.of(0, 0);

class Author {
  readonly doc = new Y.Doc();
  /** One update for each of its transactions. */
  readonly made: Uint8Array[] = [];
  private readonly text: Y.Text;
  private readonly codePoints = new CodePoints();
  /** How many transactions of each author it has. */
  private readonly has = new Map<number, number>();

  constructor(clientId: number) {
    this.doc.clientID = clientId;
    this.text = this.doc.getText(ROOT_NAME);
  }

  /** @returns the update */
  write(patches: readonly Patch[]): Uint8Array {
    let made: Uint8Array = NOTHING;
    const take = (update: Uint8Array): void => {
      made = update;
    };
    this.doc.on('update', take);
    this.doc.transact(() => {
      for (const patch of patches) this.apply(patch);
    });
    this.doc.off('update', take);
    return made;
  }

  /** Takes what its author saw of the others. */
  catchUp(sees: readonly Seen[], authors: readonly Author[]): void {
    const updates = sees.flatMap(({ author, count }) => {
      const from = this.has.get(author) ?? 0;
      this.has.set(author, count);
      return authors[author]?.made.slice(from, count) ?? [];
    });
    if (updates.length > 0) this.read(updates);
  }

  read(updates: readonly Uint8Array[]): void {
    this.doc.transact(() => {
      for (const update of updates) Y.applyUpdate(this.doc, update);
    });
    this.codePoints.reset(this.text.toString());
  }

  private apply([position, deleteCount, insert]: Patch): void {
    const from = this.codePoints.toUnits(position);
    const deleted = this.codePoints.toUnits(position + deleteCount) - from;
    if (deleted > 0) this.text.delete(from, deleted);
    if (insert !== '') this.text.insert(from, insert);
    this.codePoints.replaced(from, deleted, insert);
  }
}
