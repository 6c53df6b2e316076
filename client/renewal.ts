import { backoff, type Clock, type Random, type Timer } from '../shared/time.js';
import type { TokenSource } from './token-source.js';

/** Pauses after a `getToken` that failed. The session goes on meanwhile. */
const TRY_BASE_MS = 500;
const TRY_MAX_MS = 8_000;

interface RenewalOptions {
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly random: Random;
  /** Shows the new token to the server. */
  send(token: string, answer: (reply: unknown) => void): void;
  /** The server has answered. */
  answered(reply: unknown): void;
}

/**
 * Fetches a new token for a session whose token ends soon. If nothing comes of it, nothing happens until the server
 * ends the session.
 */
export class Renewal {
  readonly #options: RenewalOptions;
  #takeBack: (() => void) | undefined;
  #timer: Timer | undefined;
  #failures = 0;
  /** Answers over a connection that is gone, or was left, do not count. */
  #connection = 0;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  /** The server asks for a new token. */
  begin(): void {
    if (!this.#options.tokens.renewable || this.#takeBack !== undefined) return;
    this.#failures = 0;
    this.#ask();
  }

  /** The connection is gone, or another one is in use, which has a token of its own. */
  stop(): void {
    this.#connection++;
    this.#takeBack?.();
    this.#takeBack = undefined;
    if (this.#timer !== undefined) this.#options.clock.cancel(this.#timer);
    this.#timer = undefined;
  }

  #ask(): void {
    const { tokens, clock, random } = this.#options;
    let done = false;
    const takeBack = tokens.ask((answer) => {
      if (!answer.ok) {
        const pause = backoff(this.#failures++, TRY_BASE_MS, TRY_MAX_MS, random);
        this.#timer = clock.schedule(pause, () => this.#ask());
        return;
      }
      done = true;
      this.#takeBack = undefined;
      if (answer.token !== undefined) this.#send(answer.token);
    });
    if (!done) this.#takeBack = takeBack;
  }

  #send(token: string): void {
    const connection = this.#connection;
    const options = this.#options;
    options.send(token, (reply) => {
      if (connection === this.#connection) options.answered(reply);
    });
  }
}
