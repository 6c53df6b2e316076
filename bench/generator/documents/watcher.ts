import type { OpenRequest, Protocol } from '../../../load/wire/protocol.js';
import type { Address } from '../../../load/wire/websocket-client.js';
import { cpuBetween, readCpu } from '../../os/usage.js';
import { FollowingClient } from '../following-client.js';
import { sleep } from '../waiting.js';
import type { Completion } from './completion.js';

const LOOK_EVERY_MS = 50;
/** Whoever got nothing for so long may have everything. */
const QUIET_MS = 150;

/** One client that notes what came when. Begins to connect at once. */
export class Watcher {
  /** By `performance.now()`. */
  readonly startedAt = performance.now();
  readonly updates: Uint8Array[] = [];
  /** When each update came. */
  readonly times: number[] = [];
  readonly client: FollowingClient;

  constructor(protocol: Protocol, address: Address, request: OpenRequest) {
    this.client = new FollowingClient(protocol, address, request, (update) => {
      this.times.push(performance.now());
      this.updates.push(update);
    });
    // Told by `failures`, too.
    this.client.opened.catch(() => {});
  }
}

export interface Opened {
  /** From the beginning of the connection to the update that completed the text, in milliseconds. */
  readonly ms: number;
  /** What came from the network in all, and in how many updates. */
  readonly bytes: number;
  readonly updates: number;
}

export interface Complete {
  /** One for each watcher. */
  readonly opened: readonly Opened[];
  /** CPU that this process needed for the reading, without the looking into it, in milliseconds. */
  readonly generatorMs: number;
}

/**
 * Waits until every watcher has the whole text, however it comes: some servers let a client in first and send the text later.
 *
 * @throws Error with what is missing after `timeoutMs`, or what went wrong
 */
export async function untilComplete(
  watchers: readonly Watcher[],
  completion: Completion,
  timeoutMs: number,
): Promise<Complete> {
  const endsAt = performance.now() + timeoutMs;
  let reading = readCpu('self');
  let generatorMs = 0;
  for (;;) {
    await sleep(LOOK_EVERY_MS);
    const failure = watchers.flatMap(({ client }) => client.failures)[0];
    if (failure !== undefined) throw new Error(failure);
    const now = performance.now();
    const quiet = watchers.every(({ times }) => times.length > 0 && now - (times.at(-1) ?? now) > QUIET_MS);
    if (!quiet && now < endsAt) continue;
    generatorMs += cpuBetween(reading, readCpu('self')) / 1e6;
    const opened = watchers.map((watcher) => openedBy(watcher, completion));
    const whole = opened.filter((one) => one !== undefined);
    if (whole.length === watchers.length) return { opened: whole, generatorMs };
    if (now >= endsAt) {
      throw new Error(
        `${whole.length} of ${watchers.length} clients had the whole text after ${timeoutMs / 1000} s`,
      );
    }
    reading = readCpu('self');
  }
}

function openedBy(
  { client, startedAt, times, updates }: Watcher,
  completion: Completion,
): Opened | undefined {
  const place = completion.placeOf([...updates]);
  if (place === undefined) return undefined;
  return { ms: (times[place] ?? Number.NaN) - startedAt, bytes: client.bytesRead, updates: updates.length };
}
