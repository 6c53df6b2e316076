import type { Clock } from '../../shared/time.js';
import type { WebhookEvent } from './event.js';
import type { HookSettings } from './hook-settings.js';
import { Poster } from './post.js';
import type { Failure } from './receiver-health.js';
import { readRetryAfter } from './retry-after.js';
import { sign } from './signature.js';

/** `told`: the receiver has it. `gone`: it wants nothing more. `passed over`: it is none of its business. */
export type Attempt =
  | { readonly result: 'told' | 'gone' | 'passed over' }
  | ({ readonly result: 'failed' } & Failure);

/** "Gone": the receiver wants to hear no more. */
const GONE = 410;

/** Tells a receiver of documents: one signed request each. */
export class Messenger {
  private readonly poster: Poster;

  constructor(
    private readonly settings: HookSettings,
    private readonly clock: Clock,
  ) {
    this.poster = new Poster(settings.url, settings.concurrency, clock);
  }

  /** Tries once. Never rejects. */
  async tell(event: WebhookEvent): Promise<Attempt> {
    const { keys, timeoutMs } = this.settings;
    const body = JSON.stringify(event);
    const { id } = event;
    // Of this attempt: receivers refuse what is old.
    const timestamp = Math.floor(this.clock.wall() / 1000);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Coscribe',
      'webhook-id': id,
      'webhook-timestamp': `${timestamp}`,
      'webhook-signature': keys.map((key) => sign(key, { id, timestamp, body })).join(' '),
    };
    try {
      const { status, retryAfter } = await this.poster.post({ headers, body, timeoutMs });
      if (status >= 200 && status < 300) return { result: 'told' };
      if (status === GONE) return { result: 'gone' };
      const retryAfterMs = readRetryAfter(retryAfter, this.clock.wall());
      return { result: 'failed', why: `the answer is ${status}`, retryAfterMs };
    } catch (error) {
      return { result: 'failed', why: reasonOf(error), retryAfterMs: 0 };
    }
  }

  /** Ends what is under way. */
  close(): void {
    this.poster.close();
  }
}

/** An error of several addresses has no message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
