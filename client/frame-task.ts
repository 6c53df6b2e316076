import type { Clock, Timer } from '../shared/time.js';

/** What is written into fields comes before what is measured and drawn over them. */
export type FramePhase = 'write' | 'draw';

/**
 * After a frame in which something was done, so many times as long as that took passes before something is done
 * again: whatever others do and however slow the machine is, most of the time is left to the page's own user.
 */
const REST = 2;
const LONGEST_REST_MS = 250;

export interface FrameTaskOptions {
  readonly view: Window;
  readonly phase: FramePhase;
  /** Browsers draw no frames for a hidden page: run after so long, in milliseconds, all the same. */
  readonly atLatest?: { readonly clock: Clock; readonly ms: number };
}

/** Something that is done once before a frame is drawn, as a rule the next one, however often it is asked for. */
export class FrameTask {
  readonly #frame: Frame;
  readonly #options: FrameTaskOptions;
  readonly #run: () => void;
  #timer: Timer | undefined;

  constructor(options: FrameTaskOptions, run: () => void) {
    this.#frame = frameOf(options.view);
    this.#options = options;
    this.#run = run;
  }

  request(): void {
    const { phase, atLatest } = this.#options;
    this.#frame.add(phase, this.#runNow);
    if (atLatest !== undefined) {
      this.#timer ??= atLatest.clock.schedule(atLatest.ms, this.#runNow);
    }
  }

  cancel(): void {
    const { phase, atLatest } = this.#options;
    this.#frame.remove(phase, this.#runNow);
    if (this.#timer !== undefined) atLatest?.clock.cancel(this.#timer);
    this.#timer = undefined;
  }

  readonly #runNow = (): void => {
    this.cancel();
    this.#run();
  };
}

/**
 * The frames of a window: one callback for all tasks, so that their phases come one after the other.
 *
 *     idle --add--> asked --frame--> resting --painted, and REST--> idle, or asked if something waits
 */
class Frame {
  readonly #view: Window;
  readonly #tasks: Readonly<Record<FramePhase, Set<() => void>>> = { write: new Set(), draw: new Set() };
  /** The browser lays out and paints behind the callback; a message is handled behind both. */
  readonly #painted = new MessageChannel();
  #state: 'idle' | 'asked' | 'resting' = 'idle';
  #start = 0;

  constructor(view: Window) {
    this.#view = view;
    this.#painted.port1.onmessage = () => this.#rest();
  }

  add(phase: FramePhase, run: () => void): void {
    this.#tasks[phase].add(run);
    if (this.#state === 'idle') this.#ask();
  }

  remove(phase: FramePhase, run: () => void): void {
    this.#tasks[phase].delete(run);
  }

  #ask(): void {
    this.#state = 'asked';
    this.#view.requestAnimationFrame(() => this.#runAll());
  }

  #runAll(): void {
    this.#state = 'resting';
    this.#start = performance.now();
    this.#painted.port2.postMessage(undefined);
    for (const phase of ['write', 'draw'] as const) {
      // What asks to be run again means a later frame.
      for (const run of [...this.#tasks[phase]]) {
        try {
          run();
        } catch (error) {
          reportError(error);
        }
      }
    }
  }

  #rest(): void {
    const took = performance.now() - this.#start;
    this.#view.setTimeout(
      () => {
        this.#state = 'idle';
        if (Object.values(this.#tasks).some(({ size }) => size > 0)) this.#ask();
      },
      Math.min(LONGEST_REST_MS, REST * took),
    );
  }
}

const frames = new WeakMap<Window, Frame>();

function frameOf(view: Window): Frame {
  const known = frames.get(view) ?? new Frame(view);
  frames.set(view, known);
  return known;
}
