import { CoscribeError, type WireError } from '../shared/errors.js';
import type { Clock, Timer } from '../shared/time.js';

/** Gives the token to show now, or none. */
export type GetToken = () => string | undefined | Promise<string | undefined>;

/** How long `getToken` may take. */
const ANSWER_WITHIN_MS = 10_000;

export type TokenAnswer =
  | { readonly ok: true; readonly token: string | undefined }
  | { readonly ok: false; readonly error: WireError };

/** Somebody who waits for a token; without `tell` he waits no longer. */
interface Asker {
  tell: ((answer: TokenAnswer) => void) | undefined;
}

export interface TokenSourceOptions {
  readonly token: string | undefined;
  readonly getToken: GetToken | undefined;
  readonly clock: Clock;
}

/**
 * Where a provider's tokens come from: always the same one, or what the application's `getToken` says each time. It is
 * asked one question at a time, and each asker gets an answer to a question that was put after he came: what was asked
 * earlier may be of somebody who has signed out since.
 */
export class TokenSource {
  readonly #options: TokenSourceOptions;
  #askers: Asker[] = [];
  /** Whose question is under way. */
  #asking: Asker | undefined;
  #timer: Timer | undefined;

  constructor(options: TokenSourceOptions) {
    this.#options = options;
  }

  /** Whether there can be another token than the last one. */
  get renewable(): boolean {
    return this.#options.getToken !== undefined;
  }

  /** @returns what takes the question back: then there is no answer */
  ask(tell: (answer: TokenAnswer) => void): () => void {
    const asker: Asker = { tell };
    if (this.#options.getToken === undefined) tell({ ok: true, token: this.#options.token });
    else {
      this.#askers.push(asker);
      this.#next(this.#options.getToken);
    }
    return () => {
      asker.tell = undefined;
    };
  }

  /** Nobody gets an answer any more. */
  destroy(): void {
    this.#askers = [];
    if (this.#asking !== undefined) this.#asking.tell = undefined;
    this.#stopTimer();
  }

  #next(getToken: GetToken): void {
    if (this.#asking !== undefined) return;
    let asker = this.#askers.shift();
    while (asker !== undefined && asker.tell === undefined) asker = this.#askers.shift();
    if (asker === undefined) return;
    this.#put(asker, getToken);
  }

  #put(asker: Asker, getToken: GetToken): void {
    this.#asking = asker;
    const settle = (answer: TokenAnswer): void => {
      // It has taken too long, and another question may be under way.
      if (this.#asking !== asker) return;
      this.#asking = undefined;
      this.#stopTimer();
      asker.tell?.(answer);
      this.#next(getToken);
    };
    this.#timer = this.#options.clock.schedule(ANSWER_WITHIN_MS, () =>
      settle(failure(`getToken has not answered within ${ANSWER_WITHIN_MS / 1_000} s`)),
    );
    // Nothing checks what an application written in JavaScript gives.
    const given = (token: unknown): void =>
      settle({ ok: true, token: typeof token === 'string' ? token : undefined });
    const failed = (reason: unknown): void =>
      settle(failure(`getToken failed${reason instanceof Error ? `: ${reason.message}` : ''}`));
    let answer: ReturnType<GetToken>;
    try {
      answer = getToken();
    } catch (reason) {
      failed(reason);
      return;
    }
    if (typeof answer === 'object') Promise.resolve(answer).then(given, failed);
    else given(answer);
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#options.clock.cancel(this.#timer);
    this.#timer = undefined;
  }
}

/** Nobody has refused anything yet: the next question may go well. */
function failure(detail: string): TokenAnswer {
  return { ok: false, error: { ...new CoscribeError('unauthenticated', detail).toWire(), retryable: true } };
}
