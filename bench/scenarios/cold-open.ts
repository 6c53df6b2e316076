import { type ColdFigures, ColdRun } from '../generator/documents/cold-run.js';
import { HUGE_TEXT, type LongText, REAL_TEXT, writeLongText } from '../generator/documents/long-text.js';
import { readRecordedText } from '../generator/documents/recorded-text.js';
import { median } from '../generator/waiting.js';
import { columnsOf, kilobytes } from './columns.js';
import type { Case, Outcome, RunContext, Scenario } from './scenario.js';
import { milliseconds, percent } from './typing-table.js';

const AT_ONCE = 50;
const CHOSEN = {
  restarts: 3,
  returns: 7,
  missed: 100,
  /** Our server keeps the last 1,000 edits as they are, so that the rest has gone into its snapshot. */
  missedLong: 1_550,
  /** Hocuspocus stores a document two seconds after the last change. */
  storedAfterMs: 3_000,
  /** Our server merges a document's log every five seconds at most, when the next edit comes. */
  mergedEveryMs: 5_200,
};
/** Above this share of its core the generator may have made the figures what they are. */
const GENERATOR_BUSY = 0.9;

/** How long it takes to open a text that has been worked on for weeks. */
export const coldOpen: Scenario = {
  name: 'cold-open',
  title: 'Cold open',
  about:
    "A long text with its history is written through the server's own protocol; then the server is stopped and started again (files may still be in the " +
    `system's cache). "first": one client opens it, until it has the whole text; "${AT_ONCE}": so many open it at the same moment, after another start; ` +
    `medians of ${CHOSEN.restarts} starts. "missed": a client comes back to the open document that misses ${CHOSEN.missed} edits. "long": it misses ${CHOSEN.missedLong.toLocaleString('en')}, ` +
    'which our server has merged meanwhile. CPU is what the server used, all its threads together.',
  columns: columnsOf<ColdFigures>({
    'state kB': ({ stateBytes }) => kilobytes(stateBytes),
    'first ms': ({ first }) => middle(first.medianMs),
    'first CPU ms': ({ first }) => middle(first.cpuMs),
    '50: p50 ms': ({ together }) => together && middle(together.medianMs),
    '50: max ms': ({ together }) => together && middle(together.maxMs),
    '50: CPU ms': ({ together }) => together && middle(together.cpuMs),
    'missed ms': ({ missed }) => milliseconds(missed.ms),
    'missed kB': ({ missed }) => kilobytes(missed.bytes),
    'missed CPU ms': ({ missed }) => milliseconds(missed.cpuMs),
    'long ms': ({ missedLong }) => milliseconds(missedLong.ms),
    'long kB': ({ missedLong }) => kilobytes(missedLong.bytes),
    'long CPU ms': ({ missedLong }) => milliseconds(missedLong.cpuMs),
  }),
  cases: ({ trace }) => [
    trace === undefined
      ? coldCase('100 kB text', AT_ONCE, ({ random }) => writeLongText(REAL_TEXT, random))
      : coldCase('recorded text', AT_ONCE, ({ random }) => readRecordedText(trace, random)),
    coldCase('8.5 MB text', 0, ({ random }) => writeLongText(HUGE_TEXT, random)),
  ],
  suits: ({ durable }) => durable,
};

function coldCase(
  label: string,
  atOnce: number,
  write: (context: RunContext) => LongText | Promise<LongText>,
): Case {
  return {
    label,
    async run(context): Promise<Outcome> {
      const options = { ...CHOSEN, atOnce };
      const figures = await new ColdRun(context, await write(context), options).run();
      const notes: string[] = [];
      if (figures.stopsThatHung > 0)
        notes.push(`did not end when it was asked to, ${figures.stopsThatHung} times`);
      const busy = median(figures.together?.generatorShare ?? []) ?? 0;
      if (busy > GENERATOR_BUSY) {
        notes.push(`generator-bound: it used ${percent(busy)} of its core while ${atOnce} opened`);
      }
      return { figures, notes };
    },
  };
}

function middle(values: readonly number[]): string {
  return milliseconds(median(values) ?? null);
}
