import { CoscribeError, ERRORS, type WireError } from '../shared/errors.js';
import type { ProviderStatus } from './connection-state.js';
import type { ProviderEvents } from './provider-options.js';

/** What an announcer sees of its provider. */
export interface Announced {
  readonly status: ProviderStatus;
  readonly unsavedChanges: number;
  readonly error: WireError | undefined;
}

/** Tells an event of the provider to whoever listens. */
type Tell = <Name extends 'status' | 'synced' | 'unsaved' | 'saved'>(
  event: Name,
  args: Parameters<ProviderEvents[Name]>,
) => void;

interface Waiter {
  /** @returns whether it waits no longer */
  settled(): boolean;
  reject(error: CoscribeError): void;
}

/** Tells what has changed since it was last asked to look, and whoever waits for it. */
export class Announcer {
  readonly #announced: Announced;
  readonly #tell: Tell;
  #status: ProviderStatus;
  #synced: boolean;
  #unsaved: number;
  #waiters: Waiter[] = [];

  constructor(announced: Announced, tell: Tell) {
    this.#announced = announced;
    this.#tell = tell;
    this.#status = announced.status;
    this.#synced = announced.status === 'synced';
    this.#unsaved = announced.unsavedChanges;
  }

  /** Something may have changed. Whoever is told may change something himself, so each is asked for anew. */
  look(): void {
    const announced = this.#announced;
    const tell = this.#tell;
    const { status } = announced;
    if (status !== this.#status) {
      this.#status = status;
      tell('status', [status]);
    }
    const isSynced = announced.status === 'synced';
    if (isSynced !== this.#synced) {
      this.#synced = isSynced;
      tell('synced', [isSynced]);
    }
    const { unsavedChanges } = announced;
    if (unsavedChanges !== this.#unsaved) {
      this.#unsaved = unsavedChanges;
      if (unsavedChanges === 0) tell('saved', []);
      else tell('unsaved', [unsavedChanges]);
    }
    this.settle();
  }

  /** Looks for whoever has waited long enough, or in vain. */
  settle(): void {
    if (this.#waiters.length === 0) return;
    const waiting = this.#waiters.filter((waiter) => !waiter.settled());
    const why = this.#ending();
    this.#waiters = why === undefined ? waiting : [];
    if (why !== undefined) for (const waiter of waiting) waiter.reject(why);
  }

  /** Fulfils once the condition holds. @throws CoscribeError (as a rejection) if the provider ends before */
  when(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({
        settled() {
          const done = holds();
          if (done) resolve();
          return done;
        },
        reject,
      });
      this.settle();
    });
  }

  /** Why nothing will come any more by itself. */
  #ending(): CoscribeError | undefined {
    const { status, error } = this.#announced;
    if (status === 'destroyed') {
      const destroyed = new CoscribeError('not-joined');
      // What the code says is for who writes a client.
      destroyed.message = 'The provider was destroyed; make a new one.';
      return destroyed;
    }
    if (status !== 'denied' && status !== 'diverged') return undefined;
    return error === undefined ? new CoscribeError('internal') : asError(error);
  }
}

/** What came over the wire as an error to throw. */
function asError({ code, message }: WireError): CoscribeError {
  const { sentence } = ERRORS[code];
  if (message === sentence) return new CoscribeError(code);
  const detail = message.startsWith(`${sentence} (`) ? message.slice(sentence.length + 2, -1) : message;
  return new CoscribeError(code, detail);
}
