/** How a search goes about it. */
export interface SearchOptions {
  /** The first level. */
  readonly from: number;
  /** By how much it grows until a level breaks. */
  readonly step: number;
  /** The highest level that there is. */
  readonly most: number;
}

/** What a search has found out. */
export interface Limit {
  /** The search came to its end by itself. Otherwise all of this is only how it stood when it was ended. */
  readonly complete: boolean;
  /** Where it most probably lies; at most the highest level that there is. */
  readonly typists: number;
  /** The highest level up to there that held more often than not; 0 if none did. */
  readonly held: number;
  /** The lowest level from there on that broke more often than not; `null` if none did. */
  readonly broke: number | null;
}

/** Where the limit is: middle, and between which two it lies with nine tenths probability. */
interface Posterior {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** The limit is known when it lies with nine tenths probability within so much of the estimate, up and down. */
const SURE_WITHIN = 0.1;
/**
 * Then so much above the estimate it must break so often: a machine that was busy for a while has made the limit look lower,
 * never higher. Of simulated searches on such a machine half as many are more than 15 % apart, for three levels more.
 */
const CONFIRM_ABOVE = 1.1;
const CONFIRMATIONS = 2;
/** So many measurements in all; then what is known by then counts. */
const MOST_MEASUREMENTS = 32;
/** At the highest level so many measurements that hold are believed. */
const BELIEVED = 2;

/** Between two neighbouring places where the limit is thought to be. */
const GRID_STEP = 0.015;
/** How blurred the limit may be, as a share of it: around it a level holds at one time and breaks at another. */
const BLURS = [0.02, 0.05, 0.1, 0.2] as const;
/** A measurement that is about something else: the machine was busy, or slept. */
const MISHAP = 0.03;

/**
 * Looks for the highest level that holds, on a machine where one level holds once and breaks the next time.
 *
 * Levels grow by a factor until one breaks. From then on it asks where the limit most probably is, and measures there:
 * each answer moves the probability to one side (Bayes), whatever the blur. What is measured most is measured near the limit,
 * and one mishap is outvoted by what comes after it. When it is sure it looks a little higher: if that holds, it goes on. Psychologists find thresholds of perception like that (Watson and
 * Pelli, "QUEST", 1983).
 *
 * Pure: it is told what was found, and says what to try next.
 */
export class LimitSearch {
  private readonly found: { readonly level: number; readonly held: boolean }[] = [];
  /** Logarithms of places where the limit may be. */
  private readonly places: readonly number[];
  private known: Posterior;
  /** How often a level above the estimate has broken when that was sure. */
  private confirmations = 0;
  /** For each place, and for each blur there, how likely it makes what was found: far from too small for a number. */
  private readonly likelihoods: Float64Array;

  constructor(private readonly options: SearchOptions) {
    // Half a level below the lowest, and some way beyond the highest, which may hold.
    const end = Math.log(options.most * 1.5);
    const count = Math.ceil((end - Math.log(0.5)) / GRID_STEP);
    this.places = Array.from({ length: count + 1 }, (_, at) => end - at * GRID_STEP).reverse();
    this.likelihoods = new Float64Array(this.places.length * BLURS.length).fill(1);
    this.known = this.posterior();
  }

  /** What a measurement has found. */
  tell(level: number, held: boolean): void {
    if (!held && this.isSure) this.confirmations++;
    this.found.push({ level, held });
    let index = 0;
    const tried = Math.log(level);
    for (const place of this.places) {
      for (const blur of BLURS) {
        const holds = 1 / (1 + Math.exp((tried - place) / (blur / 1.7)));
        const likely = MISHAP + (1 - 2 * MISHAP) * (held ? holds : 1 - holds);
        this.likelihoods[index] = (this.likelihoods[index] ?? 0) * likely;
        index++;
      }
    }
    this.known = this.posterior();
  }

  /** The level to measure next; `undefined` when the limit is known. */
  get next(): number | undefined {
    const { from, step, most } = this.options;
    if (this.found.length >= MOST_MEASUREMENTS) return undefined;
    if (this.found.every(({ held }) => held)) {
      const highest = Math.max(0, ...this.found.map(({ level }) => level));
      if (highest === 0) return Math.min(from, most);
      if (highest < most) return Math.min(most, Math.max(highest + 1, Math.round(highest * step)));
      return this.votes(most).held >= BELIEVED ? undefined : most;
    }
    const { low, middle, high } = this.known;
    // Between two whole numbers there is nothing to measure.
    if (high - low < 1 || (this.isSure && this.confirmations >= CONFIRMATIONS)) return undefined;
    const wanted = this.isSure ? CONFIRM_ABOVE * middle : middle;
    const level = Math.min(most, Math.max(1, Math.round(wanted)));
    // The highest level, or the lowest, says the same again.
    if (level === most && this.votes(most).held >= BELIEVED + this.votes(most).broke) return undefined;
    if (level === 1 && this.votes(1).broke >= BELIEVED + this.votes(1).held) return undefined;
    return level;
  }

  /** `undefined` as long as nothing was measured. */
  get limit(): Limit | undefined {
    if (this.found.length === 0) return undefined;
    const { most } = this.options;
    const complete = this.next === undefined;
    const levels = [...new Set(this.found.map(({ level }) => level))].sort((a, b) => a - b);
    const holding = levels.filter((level) => this.votes(level).held > this.votes(level).broke);
    if (this.found.every(({ held }) => held)) {
      const held = holding.at(-1) ?? 0;
      return { complete, typists: held, held, broke: null };
    }
    const typists = Math.min(most, Math.round(this.known.middle));
    // Before it is known where the limit is, what was measured counts, wherever that lies.
    return {
      complete,
      typists,
      held: holding.filter((level) => !complete || level <= typists).at(-1) ?? 0,
      broke: levels.find((level) => (!complete || level >= typists) && !holding.includes(level)) ?? null,
    };
  }

  private get isSure(): boolean {
    if (this.found.every(({ held }) => held)) return false;
    const { low, middle, high } = this.known;
    return high / middle - 1 <= SURE_WITHIN && 1 - low / middle <= SURE_WITHIN;
  }

  private votes(level: number): { held: number; broke: number } {
    const of = this.found.filter((one) => one.level === level);
    const held = of.filter((one) => one.held).length;
    return { held, broke: of.length - held };
  }

  private posterior(): Posterior {
    const weights = this.places.map((_, place) => {
      const of = this.likelihoods.subarray(place * BLURS.length, (place + 1) * BLURS.length);
      return of.reduce((sum, likelihood) => sum + likelihood, 0);
    });
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    const at = (share: number): number => {
      let sum = 0;
      const index = weights.findIndex((weight) => {
        sum += weight;
        return sum >= share * all;
      });
      return Math.exp(this.places[index] ?? 0);
    };
    return { low: at(0.05), middle: at(0.5), high: at(0.95) };
  }
}
