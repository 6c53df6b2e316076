import type { Clock } from '../../shared/time.js';
import { addressOf, pathAt } from '../generator/people/target.js';
import type { Target } from '../plan.js';
import type { OpenRequest, Protocol } from '../wire/protocol.js';
import { WebSocketClient } from '../wire/websocket-client.js';
import { CouldNotBegin } from './course-types.js';
import { hinted, type Tried } from './hints.js';
import { pause } from './pauses.js';

/** A server that is just starting is waited for so long, and one that answers nothing, in milliseconds. */
const WITHIN_MS = 5_000;
const AGAIN_AFTER_MS = 250;
/** It is there, and takes no more connections of this address at the moment: the run will tell. */
const TOO_MANY = /^the server answered HTTP\/1\.1 429/;

export interface ReachOptions {
  readonly targets: readonly Target[];
  readonly tried: Tried;
  readonly protocol: Protocol;
  /** Whose entrance is asked for: protocols have the document's name in their path. */
  readonly request: OpenRequest;
  readonly clock: Clock;
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
  readonly withinMs?: number;
  /** Somebody has not answered at once, for this reason. */
  onWaiting(url: string, reason: string): void;
}

/**
 * Asks at each address whether somebody opens, before anybody comes: where one of several nodes can't be reached, nothing
 * could be said about it in the end.
 *
 * @throws CouldNotBegin with the addresses at which nobody opens
 */
export async function reachAll(options: ReachOptions): Promise<void> {
  const reasons = await Promise.all(options.targets.map((target) => reach(target, options)));
  const closed = reasons.flatMap((reason, at) =>
    reason === undefined ? [] : [`${options.targets[at]?.url}: ${reason}`],
  );
  if (closed.length === 0 || options.signal.aborted) return;
  throw new CouldNotBegin(hinted(`Nobody gets in at ${closed.join('; ')}.`, options.tried));
}

/** @returns why nobody opens there; `undefined` if somebody does */
async function reach(target: Target, options: ReachOptions): Promise<string | undefined> {
  const { clock, signal, withinMs = WITHIN_MS, onWaiting } = options;
  const endsAt = clock.monotonic() + withinMs;
  for (let attempt = 1; ; attempt++) {
    const reason = await knock(target, options);
    if (reason === undefined || TOO_MANY.test(reason)) return undefined;
    if (clock.monotonic() >= endsAt || signal.aborted) return reason;
    if (attempt === 1) onWaiting(target.url, reason);
    await pause(clock, AGAIN_AFTER_MS, signal);
  }
}

/** One connection, which is closed as soon as it is open. */
function knock(
  target: Target,
  { protocol, request, clock, signal }: ReachOptions,
): Promise<string | undefined> {
  const address = addressOf(target);
  return new Promise((resolve) => {
    const done = (reason: string | undefined): void => {
      clock.cancel(late);
      signal.removeEventListener('abort', leave);
      resolve(reason);
    };
    const socket = new WebSocketClient(address, pathAt(address, protocol.path(request)), {
      open: () => {
        done(undefined);
        socket.close();
      },
      text: () => {},
      binary: () => {},
      closed: done,
    });
    const leave = (): void => socket.cut('nobody waits any more');
    const late = clock.schedule(WITHIN_MS, () => socket.cut('no answer'));
    signal.addEventListener('abort', leave);
  });
}
