import { CoscribeError } from '../../shared/errors.js';
import type { Log } from '../telemetry/log.js';

/** Logs what the store threw, unless it is only away: those log that who cannot save. */
export function noteStoreFault(log: Log, error: unknown): void {
  if (error instanceof CoscribeError && error.code === 'store-unavailable') return;
  log.error({ err: error }, 'the store failed to say, or to note, what webhooks are to be told');
}
