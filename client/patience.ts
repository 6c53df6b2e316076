import type { ErrorCode } from '../shared/errors.js';
import { backoff, type Clock, type Random } from '../shared/time.js';

const RETRY_BASE_MS = 500;
/** Whoever has been away for long is to be back within 10 s of the end of whatever kept them away. */
const RETRY_MAX_MS = 8_000;
/** A server that is about to stop is likely to be one of several, and the next attempt to lead to another one. */
const RETRY_ELSEWHERE_BASE_MS = 200;
/**
 * How long a join has to hold, unless something is saved before, for the pauses between attempts to begin anew. A server
 * that lets everybody in and then fails is asked less and less often, like one that lets nobody in.
 */
const SOUND_AFTER_MS = 5_000;
/** Interruptions in a row, without anything saved in between, after which the provider pauses before it joins again. */
const MAX_INTERRUPTIONS = 3;

/** How long a provider waits before it tries again: longer and longer, until things are well. Pauses in milliseconds. */
export class Patience {
  readonly #clock: Clock;
  readonly #random: Random;
  #failed = 0;
  #interruptions = 0;
  /** Updates in a row that were to be sent again later. */
  #refusals = 0;
  /** When the last join was answered, by the monotonic clock. */
  #joinedAt = 0;
  /** When another token was last tried at once. */
  #anotherTokenAt = Number.NEGATIVE_INFINITY;
  #told = false;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Attempts in a row that came to nothing. */
  get failures(): number {
    return this.#failed;
  }

  /**
   * Whether the server has said itself that it takes nobody now: then it means nothing that the network is back, or that
   * something else got through.
   */
  get refused(): boolean {
    return this.#told;
  }

  /** Somebody asks for a connection, or for none: what was before does not count. */
  begin(): void {
    this.#failed = 0;
  }

  joined(): void {
    this.#joinedAt = this.#clock.monotonic();
  }

  /** The connection that was joined is lost. */
  lost(): void {
    if (this.#clock.monotonic() - this.#joinedAt >= SOUND_AFTER_MS) this.#failed = 0;
  }

  attemptFailed(): void {
    this.#failed++;
  }

  saved(): void {
    this.#failed = 0;
    this.#interruptions = 0;
    this.#refusals = 0;
  }

  /** The stream was interrupted. @returns `false` if that has happened too often to join again at once */
  interrupted(): boolean {
    return ++this.#interruptions <= MAX_INTERRUPTIONS;
  }

  /**
   * A token was refused. @returns whether to try another one at once: after something else has failed it takes the usual
   * pauses, and so it does when there was another one just now
   */
  mayTryAnotherToken(): boolean {
    const now = this.#clock.monotonic();
    if (this.#failed > 0 || now - this.#anotherTokenAt < SOUND_AFTER_MS) return false;
    this.#anotherTokenAt = now;
    return true;
  }

  /** Before the next attempt, after one that has failed. */
  pauseAfterFailure(): number {
    this.#told = false;
    return backoff(this.#failed - 1, RETRY_BASE_MS, RETRY_MAX_MS, this.#random);
  }

  /** Before the next attempt, after the server has refused one that has not been counted yet. */
  pauseAfterRefusal(code: ErrorCode): number {
    // Another server may take us.
    const elsewhere = code === 'shutting-down';
    this.#told = !elsewhere;
    const base = elsewhere ? RETRY_ELSEWHERE_BASE_MS : RETRY_BASE_MS;
    return backoff(this.#failed, base, RETRY_MAX_MS, this.#random);
  }

  /**
   * Before the next attempt, after the server has ended a session and named a pause. It is believed; but one that lets
   * people in and sends them away again is asked less and less often.
   */
  pauseAfterGoodbye(code: ErrorCode, named: number): number {
    const usual = this.#failed === 0 ? 0 : this.pauseAfterRefusal(code);
    this.#told = code !== 'shutting-down';
    return Math.max(named, usual);
  }

  /** Before an update is sent again that the server can't take now. */
  pauseBeforeSending(): number {
    return backoff(this.#refusals++, RETRY_BASE_MS, RETRY_MAX_MS, this.#random);
  }
}
