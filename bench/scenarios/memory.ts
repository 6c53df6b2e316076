import { type MemoryFigures, measureMemory } from '../generator/memory-run.js';
import { columnsOf, kilobytes, megabytes } from './columns.js';
import type { Scenario } from './scenario.js';

const CHOSEN = {
  first: 500,
  more: 2_000,
  quietMs: 5_000,
  /** Hocuspocus stores a document two seconds after the last change. */
  storedAfterMs: 3_000,
};

/** What an open document and a session take of the server's memory. */
export const memory: Scenario = {
  name: 'memory',
  title: 'Memory',
  about:
    `"session": how much the server's memory grows by each of ${CHOSEN.more.toLocaleString('en')} more sessions in one empty document, after the first ${CHOSEN.first}. "open ` +
    `document": the same with a document of 2 kB for each session, which was written before the server was started (or, where nothing is stored, by that ` +
    'session). "document": the difference. Seen from outside, after some seconds of quiet: garbage that was not collected yet counts.',
  columns: columnsOf<MemoryFigures>({
    'session kB': ({ sessionBytes }) => kilobytes(sessionBytes),
    'open document kB': ({ openBytes }) => (openBytes === undefined ? '' : kilobytes(openBytes)),
    'document kB': ({ documentBytes }) => (documentBytes === undefined ? '' : kilobytes(documentBytes)),
    'RSS MB, sessions': ({ sessions }) => megabytes(sessions.after),
    'RSS MB, documents': ({ documents }) => (documents === null ? '' : megabytes(documents.after)),
  }),
  cases: () => [
    {
      label: CHOSEN.more.toLocaleString('en'),
      run: async (context) => ({ figures: await measureMemory(context, CHOSEN), notes: [] }),
    },
  ],
};
