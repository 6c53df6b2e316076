import { type CoscribeError, toCoscribeError } from '../../../shared/errors.js';
import type { DocumentId } from '../../../shared/ids.js';
import { backoff, type Timer } from '../../../shared/time.js';
import type { Credentials } from '../../auth/access.js';
import type { Admission } from '../../documents/admitted.js';
import type { GatewayServices } from '../gateway-services.js';
import { readToken } from '../read-messages.js';
import type { WebSocketLine } from '../websocket/web-socket-line.js';

/** What passes is tried again after so long, in milliseconds; the client waits. */
const RETRY_BASE_MS = 500;
const RETRY_MAX_MS = 15_000;

interface EnteringParts {
  readonly id: DocumentId;
  readonly line: WebSocketLine;
  readonly services: GatewayServices;
  admitted(admission: Admission): void;
  /** It was refused for good, or for as long as this node runs (`shutting-down`). */
  refused(error: CoscribeError): void;
}

/**
 * Asks whether a client may have a document. What is refused for a reason that passes is asked again, later and later: its
 * provider would not try again by itself, and the other documents of the connection are nobody's concern here.
 */
export class Entering {
  /** The attempt that counts; absent if there is none. */
  private attempt: object | undefined;
  private retry: Timer | undefined;
  private failures = 0;

  constructor(private readonly parts: EnteringParts) {}

  /** It is being asked, or will be asked again. */
  get isUnderWay(): boolean {
    return this.attempt !== undefined || this.retry !== undefined;
  }

  /** With another token than the one that is being asked about, if there is one. */
  begin(token: string): void {
    this.stop();
    this.attempt = {};
    void this.ask(token, this.attempt);
  }

  /** Does something later, unless it is stopped before. */
  later(run: () => void): void {
    const { clock, random } = this.parts.services;
    this.retry = clock.schedule(backoff(this.failures++, RETRY_BASE_MS, RETRY_MAX_MS, random), () => {
      this.retry = undefined;
      run();
    });
  }

  /** It is in. */
  succeeded(): void {
    this.failures = 0;
  }

  stop(): void {
    this.attempt = undefined;
    if (this.retry !== undefined) this.parts.services.clock.cancel(this.retry);
    this.retry = undefined;
  }

  private async ask(token: string, attempt: object): Promise<void> {
    const { id, line, services } = this.parts;
    try {
      line.meter.join();
      const admission = await services.documents.admit(id, credentialsOf(line, token));
      if (this.attempt !== attempt) return;
      const { user } = admission.grant.identity;
      if (user !== undefined) line.enterUser(user);
      this.attempt = undefined;
      this.parts.admitted(admission);
    } catch (thrown) {
      if (this.attempt !== attempt) return;
      this.attempt = undefined;
      this.failed(toCoscribeError(thrown), token);
    }
  }

  private failed(error: CoscribeError, token: string): void {
    const { log, counters } = this.parts.services;
    if (error.code === 'internal') log.error({ err: error.cause ?? error }, 'nobody could be let in');
    counters.refuse('connection', error.code);
    if (error.retryable && error.code !== 'shutting-down') this.later(() => this.begin(token));
    else this.parts.refused(error);
  }
}

/** Providers send an empty token for none. @throws CoscribeError `bad-request` */
export function credentialsOf(line: WebSocketLine, token: string): Credentials {
  return token === '' ? line.credentials() : line.credentials(readToken(token));
}
