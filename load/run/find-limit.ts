import type { Clock } from '../../shared/time.js';
import { type Findings, findingOf, holds, type Objective } from '../options/objective.js';
import type { FindOption } from '../options/options.js';
import type { Step } from '../result.js';
import { pause } from './pauses.js';
import { type Limit, LimitSearch } from './search.js';
import type { Window } from './window.js';

/** Share of a level's time in which it is not looked at: people have to get going. */
const SETTLE_IN = 0.25;
/** A level is looked at in so many windows, and the majority of them decides. */
const WINDOWS = 3;
/** So many times what it may be is over beyond doubt: the other windows are not waited for. */
const CLEARLY = 4;
/** How long what waits at the servers after a level that broke may take to go, in milliseconds. */
const DRAIN_MS = 20_000;
const LOOK_EVERY_MS = 250;

export interface LimitOptions {
  readonly find: FindOption;
  readonly objective: Objective;
  /** How many typists there are. */
  readonly typists: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  setTypists(active: number): void;
  /** Sums up from now on. */
  open(): Window;
  close(window: Window): void;
  /** Edits that wait for their acknowledgement, and arrivals in the last second. */
  waiting(): { readonly unacked: number; readonly delivered: number };
  onLevel(typists: number, number: number): void;
  onStep(step: Step): void;
}

/**
 * More and more people type until the objective breaks; then it is looked for where exactly. Ends early if aborted.
 *
 * @returns what is known by then; `undefined` if not one level was measured
 */
export async function findLimit(options: LimitOptions): Promise<Limit | undefined> {
  const { find, typists, signal } = options;
  const search = new LimitSearch({ from: find.from, step: find.step, most: typists });
  for (let number = 1; !signal.aborted; number++) {
    const level = search.next;
    if (level === undefined) break;
    options.onLevel(level, number);
    const step = await measureLevel(options, level);
    if (step === undefined) break;
    search.tell(level, step.held);
    options.onStep(step);
    if (!step.held) await drain(options);
  }
  return search.limit;
}

/** @returns `undefined` if it was aborted before it was known */
async function measureLevel(options: LimitOptions, typists: number): Promise<Step | undefined> {
  const { find, clock, signal, objective } = options;
  options.setTypists(typists);
  await pause(clock, find.levelMs * SETTLE_IN, signal);
  const whole = options.open();
  const verdicts: boolean[] = [];
  let over = false;
  while (verdicts.length < WINDOWS && !over && !signal.aborted) {
    const window = options.open();
    await pause(clock, (find.levelMs * (1 - SETTLE_IN)) / WINDOWS, signal);
    // Samples come about once a second.
    while (window.isEmpty && !signal.aborted) await pause(clock, LOOK_EVERY_MS, signal);
    options.close(window);
    verdicts.push(heldIn(window, objective));
    over = isClearlyOver(objective, window);
  }
  options.close(whole);
  if (signal.aborted) return undefined;
  const held = !over && verdicts.filter((verdict) => verdict).length > WINDOWS / 2;
  return { typists, held, figures: whole.figures() };
}

/** Whether it held; where nobody has typed, and nothing waits, nothing has broken. */
function heldIn(window: Window, objective: Objective): boolean {
  if (window.typed === 0 && window.backlog === 0) return true;
  return holds(objective, findingOf(objective, window));
}

/** Whether more windows could not make it good: far too slow, or less than half of what is typed gets through. */
export function isClearlyOver(
  objective: Objective,
  window: Findings & { readonly backlog: number },
): boolean {
  const found = findingOf(objective, window);
  if (found !== null && found > CLEARLY * objective.below) return true;
  return window.typed > 0 && window.backlog > window.typed / 2;
}

/** Nobody types until what waits at the servers is through. */
async function drain({ clock, signal, setTypists, waiting }: LimitOptions): Promise<void> {
  setTypists(0);
  const deadline = clock.monotonic() + DRAIN_MS;
  // What was typed last has to be counted first: samples come once a second.
  await pause(clock, 2_000, signal);
  for (;;) {
    const { unacked, delivered } = waiting();
    if ((unacked === 0 && delivered === 0) || clock.monotonic() > deadline || signal.aborted) return;
    await pause(clock, LOOK_EVERY_MS, signal);
  }
}
