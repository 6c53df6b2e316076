import { DEFAULT_PACE, type Seat } from '../generator/fleet.js';
import { TypingRun } from '../generator/typing-run.js';
import type { Case, Scenario } from './scenario.js';
import { TYPING_COLUMNS, typing, typingOutcome } from './typing-table.js';

/** Up to so many documents have three clients each, more have two. */
const SMALL = 200;
/** Edits a second of the one typist of each document. */
const RATE = 2;
/** Documents whose texts are compared. */
const CHECKED = 10;

/** Many documents at once, with little happening in each. */
export const manyDocuments: Scenario = {
  name: 'many',
  title: 'Many documents',
  about:
    `Each document has a few clients, one of whom types ${RATE} edits a second. "RSS opened" is the server's memory once all ` +
    'of them were in and before anybody typed, with what it was before the first came.',
  columns: [
    ...TYPING_COLUMNS,
    typing('RSS opened', ({ rssMb }) => `${Math.round(rssMb.opened)} (${Math.round(rssMb.before)})`),
    typing('opened in s', ({ openMs }) => (openMs / 1000).toFixed(1)),
  ],
  cases: (choices) => choices.documents.map((count) => manyCase(count, count <= SMALL ? 3 : 2)),
};

/** The typist of each document is its first client. */
export function manyCase(documents: number, clients: number): Case {
  const seats: Seat[] = Array.from({ length: documents * clients }, (_, number) => ({
    number,
    document: `many-${Math.floor(number / clients)}`,
  }));
  const typists = Array.from({ length: documents }, (_, document) => document * clients);
  const apart = Math.max(1, Math.floor(documents / CHECKED));
  const checked = seats
    .filter(({ number }) => Math.floor(number / clients) % apart === 0)
    .map(({ number }) => number);
  return {
    label: `${documents.toLocaleString('en')} × ${clients}`,
    async run(context) {
      const options = { seats, typists, rate: RATE, checked, pace: DEFAULT_PACE };
      return typingOutcome(await new TypingRun(context, options).run());
    },
  };
}
