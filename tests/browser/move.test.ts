import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findInstallation } from '../../server/config/installation.js';
import { createHttpApp } from '../../server/http/app.js';
import { apiDeps } from '../support/api-deps.js';
import { BusHub } from '../support/bus-hub.js';
import { launchChromium, type TestBrowser } from '../support/chromium.js';
import { collectLog } from '../support/collect-log.js';
import { documentNode } from '../support/document-node.js';
import { GatedStore } from '../support/gated-store.js';
import { type GatewayServer, startGateway } from '../support/gateway-server.js';
import { PagePerson } from '../support/page-person.js';
import { startSwitch, type TcpSwitch } from '../support/tcp-switch.js';

/** Clients are told to go within a second, and have as much time as ever. */
const soon = (): number => Math.random() * 0.2;
const hub = new BusHub();
const store = new GatedStore();
const nodes: GatewayServer[] = [];
let browser: TestBrowser;
let balancer: TcpSwitch;

/** One more node over the same store, with the pages. */
async function startNode(): Promise<GatewayServer> {
  const http = createHttpApp({
    // Nothing is deleted here, nobody's access changes, and what is in documents nobody asks over HTTP.
    ...apiDeps({ store, log: collectLog(), documents: documentNode({ store }).documents }),
    readiness: () => 'ok',
    bus: () => 'ok',
    metricsForAll: true,
    metrics: { contentType: 'text/plain', text: () => Promise.resolve('') },
    log: collectLog(),
    offline: true,
    ...findInstallation(),
  });
  const node = await startGateway({ bus: hub.node(`node ${nodes.length + 1}`), store, http, random: soon });
  nodes.push(node);
  return node;
}

beforeAll(async () => {
  const first = await startNode();
  [browser, balancer] = await Promise.all([launchChromium(), startSwitch(first.port)]);
});

afterAll(async () => {
  await browser?.close();
  await balancer?.close();
  for (const node of nodes) await node.stop();
});

/** Keeps every status that the page shows from now on, and how many people. */
async function watch({ page }: PagePerson): Promise<() => Promise<{ statuses: string[]; people: number[] }>> {
  await page.evaluate(() => {
    const seen = { statuses: new Set<string>(), people: new Set<number>() };
    const note = (): void => {
      seen.statuses.add(document.querySelector('[data-testid=status]')?.textContent ?? '');
      seen.people.add(document.querySelectorAll('[data-testid=people] > *').length);
    };
    new MutationObserver(note).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    });
    note();
    Object.assign(globalThis, { seen });
  });
  return () =>
    page.evaluate(() => {
      const { seen } = globalThis as unknown as { seen: { statuses: Set<string>; people: Set<number> } };
      return { statuses: [...seen.statuses], people: [...seen.people] };
    });
}

test('[DRAIN8] while one node after the other is restarted, two people who type see nothing of it', async () => {
  const [ann, bob] = [await PagePerson.arrive(browser), await PagePerson.arrive(browser)];
  await ann.opens(`${balancer.url}/d/acme/notes`);
  await bob.opens(`${balancer.url}/d/acme/notes`);
  await ann.types('a');
  await bob.reads('a');
  for (const { page } of [ann, bob]) {
    await page.waitForFunction(() => document.querySelectorAll('[data-testid=people] > *').length === 2);
  }
  const seen = [await watch(ann), await watch(bob)];
  let typed = 1;
  for (let restart = 0; restart < 2; restart++) {
    const old = nodes.at(-1);
    const next = await startNode();
    balancer.leadTo(next.port);
    let over = false;
    void old?.documents.stop().then(() => {
      over = true;
    });
    while (!over) {
      await Promise.all([ann.page.keyboard.type('x'), bob.types('y')]);
      typed += 2;
    }
    expect(next.io.engine.clientsCount).toBe(2);
  }
  for (const person of [ann, bob]) await person.sees('Saved');
  for (const { page } of [ann, bob]) {
    await page.waitForFunction(
      (length) =>
        document.querySelector<HTMLTextAreaElement>('[data-testid=editor]')?.value.length === length,
      typed,
    );
  }
  expect(await ann.editor.inputValue()).toBe(await bob.editor.inputValue());
  for (const look of seen) {
    const { statuses, people } = await look();
    expect(statuses.filter((status) => !status.startsWith('Sav'))).toEqual([]);
    expect(people).toEqual([2]);
  }
  expect([...ann.complaints, ...bob.complaints]).toEqual([]);
});
