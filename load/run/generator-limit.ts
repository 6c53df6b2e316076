import type { Figures, Step } from '../result.js';
import type { Limit } from './search.js';

/** A generator whose event loop was later than this has spoilt its own figures, in milliseconds. */
export const LATE_MS = 50;
/** Late in so many of the seconds: it shows in the slowest of a hundred. Late in so many: it shows everywhere. */
const PARTLY = 0.01;
const WHOLLY = 0.2;
/** Share of a core, on average, from which on a process has nothing left for what comes all at once. */
const BUSY = 0.9;
/** Levels of a search so far from the limit, as a factor, are about it. */
const NEAR = 1.25;

/** Whether figures are the generator's own rather than those of the servers. */
export function isGenerators({ generatorLate, generatorCpu }: Figures): boolean {
  return generatorLate > WHOLLY || generatorCpu > BUSY;
}

/** Whether the limit that a search has found is the generator's: it was so at most of the levels near it that broke. */
export function isGeneratorsLimit(limit: Limit, steps: readonly Step[]): boolean {
  const near = steps.filter(
    ({ typists, held }) => !held && typists <= NEAR * limit.typists && NEAR * typists >= limit.typists,
  );
  return near.length > 0 && near.filter(({ figures }) => isGenerators(figures)).length > near.length / 2;
}

export interface GeneratorNoteOptions {
  /** The figures, or the limit that was found, are the generator's. */
  readonly isLimit: boolean;
  readonly isSearch: boolean;
  /** Share of all cores of its machine, 0 to 1, that was busy, whoever used them. */
  readonly machineBusy: number;
}

/** From this share on no core of the machine has time for another process. */
const FULL = 0.9;
const MORE = 'Give it more --processes, or a machine of its own.';
const NO_MORE =
  'Give it a machine of its own, or fewer --clients: all cores of this one were busy, so that more --processes would not help.';

/** What has to be said about the generator beside the figures; nothing if it had time. */
export function generatorNote(
  { generatorLate, generatorCpu }: Figures,
  { isLimit, isSearch, machineBusy }: GeneratorNoteOptions,
): string | undefined {
  const more = machineBusy > FULL ? NO_MORE : MORE;
  const late = `a process of the load generator was more than ${LATE_MS} ms late in ${percent(generatorLate)} of the seconds`;
  if (isLimit && generatorCpu > BUSY) {
    const figures = isSearch ? 'the servers may take more than that' : 'the latencies are its own';
    return `The load generator was the limit, not the servers (a process of it used ${percent(generatorCpu)} of a core): ${figures}. ${more}`;
  }
  if (isLimit)
    return `The machine of the load generator was the limit, not the servers alone (${late}, though it used no more than ${percent(generatorCpu)} of a core). Drive the servers from another machine, and let nothing else run on it.`;
  if (generatorLate > PARTLY && !isSearch)
    return `The highest latencies are partly the load generator’s own (${late}). ${more}`;
  return undefined;
}

function percent(share: number): string {
  return share === 0 ? '0 %' : `${Math.max(1, Math.round(100 * share))} %`;
}
