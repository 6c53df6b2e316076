import { type BigDocumentFigures, measureBigDocument } from '../generator/big-document-run.js';
import { HUGE_TEXT } from '../generator/documents/long-text.js';
import { columnsOf, megabytes } from './columns.js';
import type { Scenario } from './scenario.js';
import { milliseconds, percent, typingOutcome } from './typing-table.js';

const CHOSEN = {
  size: HUGE_TEXT,
  pieces: 100,
  pieceLength: 3_000,
  documents: 100,
  typists: 2,
  rate: 2,
  editEveryMs: 3_000,
  returnEveryMs: 1_000,
};

/** What people in other documents notice of one that is huge. */
export const bigDocument: Scenario = {
  name: 'big-document',
  title: 'A big document meanwhile',
  about:
    `${CHOSEN.documents} documents with ${CHOSEN.typists} typists each, who type ${CHOSEN.rate} edits a second, first by themselves, then while one more document, of 9 MB, has 300,000 of ` +
    `its characters replaced every ${CHOSEN.editEveryMs / 1000} s, so that our server compacts it again and again, and every ${CHOSEN.returnEveryMs / 1000} s a client with ` +
    'an old copy of it comes back. Latencies are those in the other documents.',
  columns: columnsOf<BigDocumentFigures>({
    'p50 before': ({ before }) => milliseconds(before.latencyMs.p50),
    'p99 before': ({ before }) => milliseconds(before.latencyMs.p99),
    'max before': ({ before }) => milliseconds(before.latencyMs.max),
    'p50 during': ({ during }) => milliseconds(during.latencyMs.p50),
    'p99 during': ({ during }) => milliseconds(during.latencyMs.p99),
    'max during': ({ during }) => milliseconds(during.latencyMs.max),
    'core during': ({ during }) => percent(during.serverCpuShare),
    'return ms': ({ load }) => milliseconds(load.returnMs),
    'return MB': ({ load }) => (load.returnBytes === null ? '' : megabytes(load.returnBytes)),
  }),
  cases: () => [
    {
      label: '9 MB',
      async run(context) {
        const figures = await measureBigDocument(context, CHOSEN);
        const { before, during, load } = figures;
        const notes = [
          ...typingOutcome(before).notes.map((note) => `before: ${note}`),
          ...typingOutcome(during).notes.map((note) => `during: ${note}`),
          ...load.failures.slice(0, 3).map((failure) => `the big document: ${failure}`),
        ];
        if (load.acknowledged < load.edits)
          notes.push(
            `${load.edits - load.acknowledged} of ${load.edits} edits of the big document not acknowledged`,
          );
        return { figures, notes };
      },
    },
  ],
  suits: ({ durable, acknowledges }) => durable && acknowledges !== undefined,
};
