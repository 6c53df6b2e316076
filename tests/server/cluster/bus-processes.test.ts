import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../../tools/services/ports.js';
import { type RedisProcess, startRedis } from '../../../tools/services/redis.js';
import { BusProcess, killBusProcesses } from '../../support/bus-process.js';
import { BUS_TIME } from '../../support/buses.js';
import { temporaryFolder } from '../../support/folder.js';
import { until } from '../../support/until.js';

const TLS = join(process.cwd(), 'tests', 'support', 'tls');
const folder = temporaryFolder();
let redis: RedisProcess;
let tlsPort: number;

beforeAll(async () => {
  tlsPort = await freePort();
  redis = await startRedis({
    folder: folder.path,
    args: [
      ...['--tls-port', String(tlsPort), '--tls-auth-clients', 'no'],
      ...['--tls-cert-file', join(TLS, 'localhost.pem'), '--tls-key-file', join(TLS, 'localhost-key.pem')],
    ],
  });
});
afterEach(killBusProcesses);
afterAll(async () => {
  await redis.stop();
  folder.remove();
});

describe('Nodes in processes of their own', () => {
  test('[BUS5] one killed with -9 is gone after 10 s, one that was stopped is heard again, one that ends says so', async () => {
    const [one, killed, stopped, ended] = [1, 2, 3, 4].map(() => new BusProcess(redis.url));
    if (!one || !killed || !stopped || !ended) throw new Error('no processes');
    const nodes = await Promise.all([one, killed, stopped, ended].map((child) => child.node()));
    expect(new Set(nodes).size).toBe(4);
    for (const [number, child] of [killed, stopped, ended].entries()) child.publish(number);
    await until(() => one.heard.length === 3, 'all were heard');

    await killed.kill();
    stopped.signal('SIGSTOP');
    const began = performance.now();
    expect(await ended.stop()).toBe(0);
    await one.has(({ gone }) => gone === nodes[3], 'one said goodbye');
    await one.has(({ gone }) => gone === nodes[1], 'one was killed');
    await one.has(({ gone }) => gone === nodes[2], 'one was stopped');
    expect(performance.now() - began).toBeGreaterThan(7_000 / BUS_TIME);
    // Who says goodbye is not waited for.
    expect(one.reports.find(({ gone }) => gone !== undefined)?.gone).toBe(nodes[3]);

    stopped.signal('SIGCONT');
    stopped.publish(77);
    await until(() => one.heard.includes(77), 'it is heard again');
    await stopped.has(({ connected }) => connected === true, 'it knows that it was away');
    expect(stopped.reports.filter(({ gone }) => gone === nodes[0])).toEqual([]);
    one.publish(78);
    await until(() => stopped.heard.includes(78), 'and hears');
  });

  test('[BUS7] no process ends because of what Redis does, and all of them hear again', async () => {
    const children = [new BusProcess(redis.url), new BusProcess(redis.url)];
    const [one, two] = children;
    await Promise.all(children.map((child) => child.node()));
    await redis.kill();
    for (let number = 0; number < 50; number++) one?.publish(number);
    await two?.has(({ connected }) => connected === false, 'it is away');
    await redis.start();
    for (const child of children) await child.has(({ connected }) => connected === true, 'it is back');
    one?.publish(99);
    await until(() => two?.heard.includes(99) === true, 'it hears');
    expect(children.map((child) => child.running)).toEqual([true, true]);
    expect(await Promise.all(children.map((child) => child.stop()))).toEqual([0, 0]);
  });

  test('[BUS8] rediss:// is TLS, and a certificate that nobody vouches for is refused', async () => {
    const url = `rediss://127.0.0.1:${tlsPort}`;
    const env = { NODE_EXTRA_CA_CERTS: join(TLS, 'localhost.pem') };
    const [one, two, stranger] = [new BusProcess(url, env), new BusProcess(url, env), new BusProcess(url)];
    await Promise.all([one.node(), two.node()]);
    one.publish(1);
    await until(() => two.heard.length === 1, 'it is heard');
    await expect(stranger.node()).rejects.toThrow(/BusOpenError: Redis cannot be reached .*self-signed/);
    expect(await one.stop()).toBe(0);
  });
});
