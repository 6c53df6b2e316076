import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type CoscribeNode, startNode } from '../../../tools/services/node.js';
import { type RedisProcess, startRedis } from '../../../tools/services/redis.js';
import { launchChromium, type TestBrowser } from '../../support/chromium.js';
import { EventReader, type StreamEvent } from '../../support/event-reader.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';
import { FollowerCopy } from '../../support/follower-copy.js';
import { testPostgres } from '../../support/postgres.js';
import { startSwitch, type TcpSwitch } from '../../support/tcp-switch.js';
import { until } from '../../support/until.js';

const DOCUMENT = 'acme/notes';
const LOOK_EVERY_MS = 20;

const postgres = testPostgres();
const nodes: CoscribeNode[] = [];
let folder: TemporaryFolder;
let redis: RedisProcess;
let balancer: TcpSwitch;
let browser: TestBrowser;

beforeAll(async () => {
  folder = temporaryFolder();
  redis = await startRedis({ folder: folder.path });
  const start = (): Promise<CoscribeNode> =>
    startNode({
      store: postgres.server.url,
      redisUrl: redis.url,
      args: ['--stop-timeout-ms', '4000'],
    });
  const [one, two, chromium] = await Promise.all([start(), start(), launchChromium()]);
  nodes.push(one, two);
  browser = chromium;
  balancer = await startSwitch(portOf(one));
});

afterAll(async () => {
  await browser?.close();
  await balancer?.close();
  for (const node of nodes) await node.kill();
  await redis?.kill();
  folder.remove();
});

function portOf({ url }: CoscribeNode): number {
  return Number(new URL(url).port);
}

/** Somebody in front of a page with an `EventSource`, and nothing of ours. */
class Watcher {
  readonly events: StreamEvent[] = [];
  readonly copy = new FollowerCopy();

  constructor(private readonly page: Page) {}

  async follow(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.exposeFunction('told', (name: string, id: string, data: string) => {
      if (name === 'snapshot' || name === 'delta') this.events.push({ name, id, data });
    });
    await this.page.evaluate((path) => {
      const { told } = window as unknown as { told(name: string, id: string, data: string): void };
      const source = new EventSource(path);
      for (const name of ['snapshot', 'delta', 'end'])
        source.addEventListener(name, ({ lastEventId, data }) => told(name, lastEventId, data));
      Object.assign(window, { source });
    }, `/api/documents/${DOCUMENT}/events`);
  }

  async sees(text: string): Promise<void> {
    const deadline = performance.now() + 20_000;
    for (;;) {
      this.copy.take(this);
      if (this.copy.text === text) return;
      if (performance.now() > deadline) throw new Error(`${this.copy.text} instead of ${text}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}

let text = '';

/** Writes at the end, over a node. */
async function write({ url }: CoscribeNode, words: string): Promise<void> {
  text += words;
  const answer = await fetch(`${url}/api/documents/${DOCUMENT}/text`, { method: 'POST', body: words });
  expect(answer.status).toBe(200);
}

test('[SSE3] [SSE14] [SSE15] an EventSource goes on without a new snapshot, and with nothing twice, after kill -9 of its node and after a stop', async () => {
  const [one, two] = nodes as [CoscribeNode, CoscribeNode];
  await write(two, 'Hello');
  const watcher = new Watcher(await browser.context.newPage());
  await watcher.follow(balancer.url);
  const near = await EventReader.open(`${two.url}/api/documents/${DOCUMENT}/events`);
  await watcher.sees('Hello');
  await write(two, ', world');
  await watcher.sees(text);

  await one.kill();
  await write(two, '. One is gone');
  balancer.leadTo(portOf(two));
  await watcher.sees(text);
  await write(two, '; this one is there');
  await watcher.sees(text);
  expect(watcher.copy.snapshots).toBe(1);

  await one.start();
  await until(() => near.events.length > 0, 'the follower who is near');
  const stopped = two.stop();
  await until(() => near.events.some(({ name }) => name === 'end'), 'that it has to go');
  balancer.leadTo(portOf(one));
  expect(near.retry).toBeLessThan(10_000);
  await write(one, '. Two has stopped');
  await watcher.sees(text);
  expect((await stopped).code).toBe(0);
  const again = await EventReader.open(`${one.url}/api/documents/${DOCUMENT}/events`, {
    headers: { 'Last-Event-ID': near.events.filter(({ name }) => name === 'delta').at(-1)?.id ?? '' },
  });
  expect(await again.take('delta')).toMatchObject({
    delta: [expect.anything(), { insert: '. Two has stopped' }],
  });
  expect(watcher.copy.snapshots).toBe(1);
  near.close();
  again.close();
});
