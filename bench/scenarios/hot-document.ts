import type { Seat } from '../generator/fleet.js';
import { TypingRun } from '../generator/typing-run.js';
import type { Case, Scenario } from './scenario.js';
import { TYPING_COLUMNS, typingOutcome } from './typing-table.js';

const DOCUMENT = 'hot';
/** Edits a second of each typist. */
const RATE = 5;

/** Everybody types into one document, and everybody sees everything. */
export const hotDocument: Scenario = {
  name: 'hot',
  title: 'Hot document',
  about: `N people type ${RATE} edits a second each into one document, and each of them receives what all others type.`,
  columns: TYPING_COLUMNS,
  cases: ({ typists }) => typists.map(hotCase),
};

function hotCase(count: number): Case {
  const seats: Seat[] = Array.from({ length: count }, (_, number) => ({ number, document: DOCUMENT }));
  const checked = [...new Set([0, Math.floor(count / 2), count - 1])];
  return {
    label: `${count} typists`,
    async run(context) {
      const typists = seats.map(({ number }) => number);
      return typingOutcome(await new TypingRun(context, { seats, typists, rate: RATE, checked }).run());
    },
  };
}
