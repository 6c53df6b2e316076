import { CoscribeError, type ErrorCode, toCoscribeError, type WireError } from '../shared/errors.js';
import type { Clock, Timer } from '../shared/time.js';
import {
  type ConnectionEvent,
  type ConnectionState,
  nextConnection,
  type ProviderStatus,
  statusOf,
} from './connection-state.js';
import type { Patience } from './patience.js';

/** How long the server may take to accept the connection, and to answer a join. */
const ANSWER_TIMEOUT_MS = 30_000;

/** What another token may help against. */
const TOKEN_REFUSALS: readonly ErrorCode[] = ['unauthenticated', 'token-expired'];

interface ConnectionDriverOptions {
  readonly clock: Clock;
  readonly patience: Patience;
  /** Whether there may be another token when one is refused. */
  readonly renewable: boolean;
  open(): void;
  join(): void;
  /** The session is over; the connection may go on. */
  ended(): void;
  /** The connection is to be closed. */
  close(): void;
  /** The server has refused for good. */
  denied(error: WireError): void;
  changed(): void;
}

/** Why the connection goes on as it does, and when: in milliseconds, if not after the usual pause. */
interface Cause {
  readonly error?: WireError;
  readonly delay?: number;
}

/** Takes the connection from state to state: does what the table says, and decides what refusals mean and how long to wait. */
export class ConnectionDriver {
  readonly #options: ConnectionDriverOptions;
  #state: ConnectionState = 'paused';
  /** Of the next attempt, or of the answer that is due. */
  #timer: Timer | undefined;
  #lastError: WireError | undefined;

  constructor(options: ConnectionDriverOptions) {
    this.#options = options;
  }

  get status(): ProviderStatus {
    return statusOf(this.#state, this.#options.patience.failures);
  }

  get live(): boolean {
    return this.#state === 'live';
  }

  get destroyed(): boolean {
    return this.#state === 'destroyed';
  }

  /** What went wrong last, until things are well again. */
  get error(): WireError | undefined {
    return this.#lastError;
  }

  /** The one place where the connection goes on: whatever happens comes here as an event. */
  step(event: ConnectionEvent, { error, delay }: Cause = {}): void {
    const options = this.#options;
    const { patience } = options;
    const before = this.#state;
    const { next, action } = nextConnection(before, event);
    this.#state = next;
    if (error !== undefined) this.#lastError = error;
    if (before === 'live' && next !== 'live') {
      patience.lost();
      options.ended();
    }
    if (next === 'waiting' && before !== 'waiting') patience.attemptFailed();
    if (event === 'connect' || event === 'disconnect') patience.begin();
    if (action === 'close') this.#stopTimer();
    if (action === 'close' || action === 'reopen' || action === 'wait') options.close();
    if (action === 'wait')
      this.#startTimer(delay ?? patience.pauseAfterFailure(), () => this.step('retry-due'));
    else if (action === 'open' || action === 'reopen' || action === 'join') {
      this.#startTimer(ANSWER_TIMEOUT_MS, () => this.step('later'));
      if (action === 'join') options.join();
      else options.open();
    }
    if (before === next) return;
    if (next === 'denied' && error !== undefined) options.denied(error);
    options.changed();
  }

  /** A join was answered, and what it brought is there. */
  entered(): void {
    this.#stopTimer();
    this.#options.patience.joined();
    this.#lastError = undefined;
  }

  saved(): void {
    this.#lastError = undefined;
  }

  /** Something went wrong that the connection outlives. */
  note(error: WireError): void {
    this.#lastError = error;
    this.#options.changed();
  }

  /** The network, or something else that goes to the server, is back. */
  reachable(): void {
    if (!this.#options.patience.refused) this.step('retry-due');
  }

  /** The stream has a hole; joining again fills it. */
  interrupted(reason: WireError): void {
    if (!this.live) return;
    if (this.#options.patience.interrupted()) this.step('interrupted');
    else this.refused(reason);
  }

  /** The server has refused the connection, or the join. */
  refused(error: WireError): void {
    const { patience, renewable } = this.#options;
    const anotherToken = renewable && TOKEN_REFUSALS.includes(error.code);
    if (anotherToken && patience.mayTryAnotherToken()) {
      this.step('again', { error });
      return;
    }
    const later = anotherToken || error.retryable || error.code === 'client-id-in-use';
    this.step(later ? 'later' : 'denied', { error, delay: patience.pauseAfterRefusal(error.code) });
  }

  /** The server has ended the session, and says in how many milliseconds one may come back (-1: never). */
  dismissed(error: WireError, reconnectAfterMs: number): void {
    const { patience } = this.#options;
    if (this.live) patience.lost();
    if (reconnectAfterMs < 0) this.step('denied', { error });
    else if (TOKEN_REFUSALS.includes(error.code)) this.refused(error);
    else this.step('later', { error, delay: patience.pauseAfterGoodbye(error.code, reconnectAfterMs) });
  }

  /** This copy is wrong: it takes part no longer. @returns what is told */
  diverged(): WireError {
    const error = new CoscribeError('copy-diverged').toWire();
    this.step('diverged', { error });
    return error;
  }

  /** Runs what handles a message; a message that makes no sense ends the connection, not the page. */
  readonly guarded = (handle: () => void): void => {
    try {
      handle();
    } catch (error) {
      this.step('later', { error: toCoscribeError(error).toWire() });
    }
  };

  #startTimer(delay: number, run: () => void): void {
    this.#stopTimer();
    this.#timer = this.#options.clock.schedule(delay, () => {
      this.#timer = undefined;
      run();
    });
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#options.clock.cancel(this.#timer);
    this.#timer = undefined;
  }
}
