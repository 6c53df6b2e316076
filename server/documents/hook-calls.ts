import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Clock } from '../../shared/time.js';
import type { Hooks } from '../hooks/hooks.js';
import type { Counters } from '../telemetry/counters.js';
import type { Log } from '../telemetry/log.js';
import { HookFailure } from './hook-failure.js';

/** How long a hook may take unless told otherwise, in milliseconds. */
export const HOOK_TIMEOUT_MS = 10_000;
/** Of a hook that fails all the time, one line is written this often, in milliseconds. */
const LOGGED_EVERY_MS = 1_000;

export type HookName = keyof Hooks;

interface HookCallsOptions {
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Pick<Counters, 'count'>;
}

/** Calls what the application has given, so that nothing it does harms anybody but those who wait for it. */
export class HookCalls {
  /** Ends the calls that somebody waits for. */
  private readonly endings = new Set<(reason: CoscribeError) => void>();
  private readonly logged = new Map<HookName, { at: number; more: number }>();

  constructor(private readonly options: HookCallsOptions) {}

  /**
   * Calls a hook, and gives what it gives.
   *
   * @throws CoscribeError the one that the hook has thrown; with `failure` and a cause for everything else that goes wrong,
   *   which is written to the log
   */
  async call<T>(
    name: HookName,
    document: DocumentId,
    run: () => T | Promise<T>,
    failure: 'internal' | 'document-not-ready' = 'internal',
  ): Promise<T> {
    const { clock, timeoutMs } = this.options;
    let end = (_: Error): void => {};
    const ended = new Promise<never>((_, reject) => {
      end = reject;
    });
    const timer = clock.schedule(timeoutMs, () => end(new Error(`it took longer than ${timeoutMs} ms`)));
    const awaited = name === 'onLoad' || name === 'onJoin';
    if (awaited) this.endings.add(end);
    try {
      return await Promise.race([attempt(run), ended]);
    } catch (thrown) {
      if (awaited && thrown instanceof CoscribeError) throw thrown;
      this.note(name, document, thrown);
      throw new CoscribeError(failure, undefined, {
        cause: new HookFailure(`The hook ${name} failed`, { cause: thrown }),
      });
    } finally {
      clock.cancel(timer);
      this.endings.delete(end);
    }
  }

  /** Something is wrong with what a hook has done. */
  note(hook: HookName, document: DocumentId, err: unknown): void {
    const { log, clock, counters } = this.options;
    counters.count('hook-failed');
    const now = clock.monotonic();
    const logged = this.logged.get(hook);
    if (logged !== undefined && now - logged.at < LOGGED_EVERY_MS) {
      logged.more++;
      return;
    }
    const more = logged?.more ?? 0;
    this.logged.set(hook, { at: now, more: 0 });
    log.error({ document, hook, err, ...(more > 0 && { more }) }, 'a hook of the application failed');
  }

  /** Nobody waits any more for a hook before he gets in. */
  endWaits(reason: CoscribeError): void {
    for (const end of [...this.endings]) end(reason);
  }
}

/** Also what is thrown at once comes as a rejection. */
async function attempt<T>(run: () => T | Promise<T>): Promise<T> {
  return run();
}
