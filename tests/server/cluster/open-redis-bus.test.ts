import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { BusOpenError } from '../../../server/cluster/bus-open-error.js';
import { freePort } from '../../../tools/services/ports.js';
import { type RedisProcess, startRedis } from '../../../tools/services/redis.js';
import { closeBuses, documentNumber, numbered, openBus } from '../../support/buses.js';
import { temporaryFolder } from '../../support/folder.js';
import { startOldRedis } from '../../support/old-redis.js';
import { until } from '../../support/until.js';

const PASSWORD = 'hunter2 @,/';
const folder = temporaryFolder();
const started: RedisProcess[] = [];
let redis: RedisProcess;

async function start(args: readonly string[] = [], password?: string): Promise<RedisProcess> {
  const server = await startRedis({
    folder: folder.path,
    args,
    ...(password === undefined ? {} : { password }),
  });
  started.push(server);
  return server;
}

beforeAll(async () => {
  redis = await start([], PASSWORD);
});
afterEach(closeBuses);
afterAll(async () => {
  await Promise.all(started.map((server) => server.stop()));
  folder.remove();
});

/** The sentence with which the bus refuses to open; it must not tell the password. */
async function refusal(url: string, startWithinMs = 15_000): Promise<string> {
  const opened = await openBus(url, { startWithinMs }).then(
    () => 'opened',
    (error: unknown) => error,
  );
  if (!(opened instanceof BusOpenError)) throw new Error(`not refused: ${opened}`);
  expect(opened.message).not.toMatch(/hunter|%20/);
  return opened.message;
}

describe('Opening the bus', () => {
  test('[BUS8] user, password and database of the address are used', async () => {
    await redis.ask('ACL', 'SETUSER', 'ada', 'on', '>hunter3', '~*', '&coscribe#*', '+@all');
    for (const url of [`${redis.url}/3`, `redis://ada:hunter3@127.0.0.1:${redis.port}`]) {
      const [one, two] = await Promise.all([openBus(url), openBus(url, { nodeName: 'web-2' })]);
      const [sender, receiver] = [await one.open(documentNumber(1)), await two.open(documentNumber(1))];
      sender.channel.publish(numbered(1));
      await until(() => receiver.heard.length === 1, 'it is heard');
      expect(two.bus.node).toMatch(/^web-2-[\w-]{4}$/);
    }
  });

  test('[BUS9] a wrong password, none, or an unknown user is refused at once', async () => {
    const at = `127.0.0.1:${redis.port}`;
    for (const url of [`redis://:hunter4@${at}`, `redis://${at}`, `redis://bob:hunter4@${at}`]) {
      expect(await refusal(url, 600_000)).toMatch(/refuses user or password \((WRONGPASS|NOAUTH)\)/);
    }
  });

  test('[BUS9] a user who may not do what is needed is refused, and so is a database that is not there', async () => {
    const at = `127.0.0.1:${redis.port}`;
    await redis.ask('ACL', 'SETUSER', 'eve', 'on', '>hunter5', '~*', 'resetchannels', '&other*', '+@all');
    expect(await refusal(`redis://eve:hunter5@${at}`, 600_000)).toContain('does not let this user');
    await redis.ask('ACL', 'SETUSER', 'joe', 'on', '>hunter5', '~*', '&*', '+@all', '-spublish');
    expect(await refusal(`redis://joe:hunter5@${at}`, 600_000)).toContain('SPUBLISH');
    expect(await refusal(`${redis.url}/99`, 600_000)).toContain('no database 99');
  });

  test('[BUS9] a server that cannot be reached or does not answer is refused after some seconds', async () => {
    const port = await freePort();
    const url = `redis://:hunter2@127.0.0.1:${port}`;
    expect(await refusal(url, 1_500)).toMatch(
      new RegExp(`^Redis cannot be reached at redis://127.0.0.1:${port} \\(.*ECONNREFUSED.*\\)`),
    );
    redis.suspend();
    expect(await refusal(redis.url, 1_500)).toContain('does not answer');
    redis.resume();
  });

  test('[BUS9] a Redis that starts while it is tried is used', async () => {
    const port = await freePort();
    const opening = openBus(`redis://127.0.0.1:${port}`);
    const late = await startRedis({ folder: folder.path, port });
    started.push(late);
    expect((await opening).bus.connected).toBe(true);
  });

  test('[BUS9] a server without sharded pub/sub is refused', async () => {
    const old = await startOldRedis();
    expect(await refusal(old.url, 600_000)).toMatch(
      /no sharded pub\/sub \(Redis 6\.2\.14 is older than Redis 7/,
    );
    await old.close();
    for (const command of ['SSUBSCRIBE', 'SPUBLISH', 'HELLO']) {
      const { url } = await start(['--rename-command', command, '']);
      expect(await refusal(url, 600_000)).toContain('no sharded pub/sub');
    }
  });

  test('[BUS9] several addresses of servers that are in no cluster are refused, and so is a bad name', async () => {
    const [one, two] = [await start(), await start()];
    expect(await refusal(`${one.url},${two.url}`, 600_000)).toContain('no Redis Cluster');
    for (const prefix of ['', 'a{b}', 'a#b', 'ä', 'x'.repeat(65)]) {
      await expect(openBus(one.url, { prefix })).rejects.toThrow(BusOpenError);
      // Without a name it is chance alone.
      if (prefix !== '') await expect(openBus(one.url, { nodeName: prefix })).rejects.toThrow(BusOpenError);
    }
  });
});
