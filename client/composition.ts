import type { Clock, Timer } from '../shared/time.js';

/**
 * Whether an input method (IME) is composing text in a field. Writing into the field meanwhile would break the
 * composition, so remote changes wait. On a phone a word stays in composition for as long as the caret is in it;
 * therefore waiting ends when nothing has been composed for `idle` milliseconds.
 */
export class Composition {
  readonly #clock: Clock;
  readonly #idle: number;
  readonly #onIdle: () => void;
  #active = false;
  #timer: Timer | undefined;

  constructor(clock: Clock, idle: number, onIdle: () => void) {
    this.#clock = clock;
    this.#idle = idle;
    this.#onIdle = onIdle;
  }

  get active(): boolean {
    return this.#active;
  }

  /** The input method did something. */
  progress(): void {
    this.#active = true;
    if (this.#timer === undefined) return;
    this.#cancel();
    this.waiting();
  }

  /** Something waits for the end of the composition. */
  waiting(): void {
    this.#timer ??= this.#clock.schedule(this.#idle, this.#onIdle);
  }

  end(): void {
    this.#active = false;
    this.#cancel();
  }

  #cancel(): void {
    if (this.#timer !== undefined) this.#clock.cancel(this.#timer);
    this.#timer = undefined;
  }
}
