import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectTo } from '../../../client/socket-io-channel.js';
import { systemClock } from '../../../shared/time.js';
import { type Played, play } from '../../../tools/replay/play.js';
import { parseTrace } from '../../../tools/replay/trace.js';
import { type GatewayServer, startGateway } from '../../support/gateway-server.js';
import { between, seededRandom } from '../../support/seeds.js';
import { concurrentTrace, sequentialTrace } from '../../support/traces.js';

let server: GatewayServer;
beforeAll(async () => {
  server = await startGateway();
});
afterAll(() => server.stop());

function played(json: unknown, document: string, speed?: number): Promise<Played> {
  return play(parseTrace(json), {
    connect: connectTo(server.url),
    document,
    speed,
    clock: systemClock(),
    signal: new AbortController().signal,
    onProgress: () => {},
  });
}

test('[REPLAY2] random recordings by two to five authors end as Yjs says, whatever each saw of the others', async () => {
  const given = process.env.SEED;
  const first = given === undefined ? randomInt(2 ** 31) : Number(given);
  for (let seed = first; seed < first + (given === undefined ? 12 : 1); seed++) {
    const random = seededRandom(seed);
    const trace = concurrentTrace(random, between(random, 2, 5), 80);
    try {
      const { contents } = await played(trace, `replay/seed-${seed}`);
      const names = Array.from({ length: trace.numAgents }, (_, author) => `author ${author}`);
      expect(contents).toEqual(new Map([...names, 'reader'].map((name) => [name, trace.endContent])));
    } catch (cause) {
      throw new Error(`seed ${seed} fails; again with: SEED=${seed} npx jest tests/tools/replay/play`, {
        cause,
      });
    }
  }
});

test('[REPLAY5] a recording is played at a multiple of its speed, with long pauses shortened to a minute', async () => {
  const trace = sequentialTrace(seededRandom(1), 11, 1_000);
  const pause = trace.txns[10];
  if (pause !== undefined) pause.time = '2030-01-01T00:00:00.000Z';
  // Nine seconds and a minute, a hundred times faster.
  const { contents, elapsedMs } = await played(trace, 'replay/speed', 100);
  expect(elapsedMs).toBeGreaterThanOrEqual(690);
  expect(elapsedMs).toBeLessThan(10_000);
  expect(contents.get('reader')).toBe(trace.endContent);
});
