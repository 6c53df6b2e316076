import { randomInt } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Random } from '../../../shared/time.js';
import { startGateway } from '../../support/gateway-server.js';
import { HonestPair } from '../../support/honest-pair.js';
import { RawClient } from '../../support/raw-client.js';
import { RawWebSocket } from '../../support/raw-websocket.js';
import { between, randomBytes, seededRandom } from '../../support/seeds.js';
import { until } from '../../support/until.js';

const MESSAGES = 5_000;
const RERUN = 'npx jest tests/server/gateway/fuzz';
const NS = '/docs/acme/notes';

function pick<T>(random: Random, from: readonly T[]): T {
  return from[between(random, 0, from.length - 1)] as T;
}

function junk(random: Random, depth = 0): unknown {
  const leaf = [
    null,
    true,
    -1,
    1.5,
    2 ** 60,
    '',
    'live',
    'catch-up',
    '__proto__',
    'x'.repeat(between(random, 0, 300)),
  ];
  const choice = random();
  if (depth > 4 || choice < 0.5) return pick(random, leaf);
  if (choice < 0.7) return Array.from({ length: between(random, 0, 5) }, () => junk(random, depth + 1));
  if (choice < 0.8) return { _placeholder: true, num: between(random, -1, 3) };
  const keys = ['clientId', 'clientKey', 'seq', 'generation', 'constructor', 'then', 'toJSON', 'length'];
  return Object.fromEntries(
    Array.from({ length: between(random, 0, 5) }, () => [pick(random, keys), junk(random, depth + 1)]),
  );
}

/** One message: an honest one with something changed, or nothing that makes sense. */
function message(random: Random): (string | Uint8Array)[] {
  const ack = random() < 0.7 ? String(between(random, 0, 99)) : '';
  const event = pick(random, ['join', 'update', 'awareness', 'updates', 'bye', '', 'error', '__proto__']);
  const choice = random();
  if (choice < 0.15) {
    const clientId = between(random, 0, 5);
    return [`42${NS},${ack}["join",{"clientId":${clientId},"clientKey":"the key of them all"}]`];
  }
  if (choice < 0.5) {
    const kind = pick(random, ['live', 'catch-up', 'late']);
    const bytes = randomBytes(random, between(random, 0, 40));
    return [`451-${NS},${ack}["${event}",{"_placeholder":true,"num":0},"${kind}"]`, bytes];
  }
  if (choice < 0.96) return [`42${NS},${ack}${JSON.stringify([event, junk(random), junk(random)])}`];
  const frame = `42${NS},${ack}["${event}",1]`;
  const cut = frame.slice(0, between(random, 0, frame.length));
  return pick(random, [[cut], [randomBytes(random, 20)], [`4${between(random, 0, 9)}${cut}`], [`41${NS},`]]);
}

test(`[GW19] ${MESSAGES} random messages disturb nobody and leave nothing`, async () => {
  const seed = process.env.SEED === undefined ? randomInt(2 ** 31) : Number(process.env.SEED);
  const again = `again with: SEED=${seed} ${RERUN}`;
  const random = seededRandom(seed);
  const server = await startGateway();
  try {
    const pair = await HonestPair.start(server.url);
    let attacker = await RawWebSocket.inDocument(server.url, 'acme/notes');
    for (let sent = 0; sent < MESSAGES; sent++) {
      if (attacker.closed) attacker = await RawWebSocket.inDocument(server.url, 'acme/notes');
      for (const frame of message(random)) attacker.send(frame);
      if (sent % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const { length } = pair.latencies;
    await until(() => pair.latencies.length > length + 5, 'the honest pair to go on');
    attacker.terminate();
    const { reader, writer } = pair;
    await pair.finish();
    expect({ again, slow: pair.slowest > 2_000 }).toEqual({ again, slow: false });
    const late = await RawClient.joined(server.url);
    expect({ again, text: late.text }).toEqual({ again, text: writer.text });
    expect(reader.text.length).toBeGreaterThan(0);
    late.close();
    await until(() => server.documents.openCount === 0, `the document to be put away; ${again}`);
    const errors = server.log.entries.filter(({ level }) => level === 'error');
    expect({ again, errors }).toEqual({ again, errors: [] });
  } finally {
    await server.stop();
  }
});
