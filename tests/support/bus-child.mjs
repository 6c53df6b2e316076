/**
 * A process with a bus of its own, for tests that kill or stop it.
 *   node bus-child.mjs URL   opens `team/document-1`, reports what happens, and publishes each number that it is sent
 */
import { openRedisBus } from '../../dist/server/cluster/open-redis-bus.js';
import { UNCOUNTED } from '../../dist/server/telemetry/counters.js';
import { systemClock } from '../../dist/shared/time.js';

/** As in quick-clock.ts: what takes 10 s is over in a part of that. */
const FACTOR = 2;
const real = systemClock();
const clock = {
  ...real,
  monotonic: () => real.monotonic() * FACTOR,
  schedule: (delay, run) => real.schedule(delay / FACTOR, run),
};
const [url] = process.argv.slice(2);
const log = { debug() {}, info() {}, warn() {}, error() {} };

try {
  const bus = await openRedisBus({ url, clock, random: Math.random, log, counters: UNCOUNTED });
  bus.watch({
    connected: (connected) => process.send({ connected }),
    gone: (gone) => process.send({ gone }),
  });
  const channel = await bus.open('team/document-1', ({ frame: [heard] }) => process.send({ heard }));
  process.on('message', (number) => {
    channel.publish({ kind: 'updates', generation: 'g', frame: Uint8Array.of(number) });
  });
  process.on('SIGTERM', async () => {
    await bus.close();
    process.disconnect();
  });
  process.send({ node: bus.node });
} catch (error) {
  process.send({ refused: `${error.name}: ${error.message}` });
  process.disconnect();
}
