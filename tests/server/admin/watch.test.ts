import { expect, test } from '@jest/globals';
import { NodeReporter } from '../../../server/admin/node-reporter.js';
import { NodesLine } from '../../../server/admin/nodes-line.js';
import { RecentErrors } from '../../../server/admin/recent-errors.js';
import { Watch } from '../../../server/admin/watch.js';
import type { AdminOverview } from '../../../shared/admin.js';
import { NO_FIGURES } from '../../support/api-deps.js';
import { collectLog } from '../../support/collect-log.js';
import { ManualClock } from '../../support/manual-clock.js';
import { NodesHub } from '../../support/nodes-hub.js';

/** A node that only reports. */
function watchingNode(name: string, hub: NodesHub, clock: ManualClock) {
  const bus = hub.node(name);
  const figures = { ...NO_FIGURES, edits: 0, sessions: 3 };
  const looks = { count: 0, cpuMicros: 0 };
  const errors = new RecentErrors(collectLog(), clock);
  const facts = {
    node: name,
    version: '1.2.3',
    figures: () => {
      looks.count++;
      return { ...figures };
    },
    state: () => 'ok' as const,
    store: () => ({ description: 'memory:', saving: true }),
    bus: () => (bus.connected ? ('ok' as const) : ('away' as const)),
    documents: () => [],
  };
  const use = { cpuMicros: () => looks.cpuMicros, memory: () => ({ rss: 2, heap: 1 }) };
  const reporter = new NodeReporter(facts, clock, use);
  const line = new NodesLine({
    bus,
    clock,
    answer: () => undefined,
    heard: (message, from) => watch.hear(message, from),
  });
  const watch = new Watch({ bus, clock, reporter, errors, tell: (message) => line.tell(message) });
  const seen: AdminOverview[] = [];
  let ended = 0;
  const watcher = {
    overview: (overview: AdminOverview) => void seen.push(overview),
    ended: () => void ended++,
  };
  return {
    ...{ bus, watch, errors, figures, looks, line, seen, watcher },
    get ended() {
      return ended;
    },
    names: () => seen.at(-1)?.nodes.map(({ node }) => node),
  };
}

function cluster(...names: string[]) {
  const hub = new NodesHub();
  const clock = new ManualClock();
  return { hub, clock, nodes: names.map((name) => watchingNode(name, hub, clock)) };
}

test('[ADMIN5] while nobody watches nothing is measured, sent or waited for; interest ends by itself', () => {
  const { hub, clock, nodes } = cluster('a', 'b');
  const [a, b] = nodes;
  if (!a || !b) throw new Error('no nodes');
  clock.advance(60_000);
  expect([a.looks.count, b.looks.count, hub.sent.length, clock.pending]).toEqual([0, 0, 0, 0]);

  a.watch.add(a.watcher);
  clock.advance(3_500);
  expect(a.seen).toHaveLength(3);
  expect(b.looks.count).toBe(4);
  a.watch.delete(a.watcher);
  clock.advance(20_000);
  const [seen, sent, looked] = [a.seen.length, hub.sent.length, a.looks.count + b.looks.count];
  expect(a.watch.running || b.watch.running).toBe(false);
  clock.advance(60_000);
  expect([a.seen.length, hub.sent.length, a.looks.count + b.looks.count]).toEqual([seen, sent, looked]);
  expect(seen).toBe(3);
  expect(clock.pending).toBe(0);
});

test('[ADMIN5] the interest of a node that died ends on the others within some seconds', () => {
  const { hub, clock, nodes } = cluster('a', 'b');
  const [a, b] = nodes;
  a?.watch.add(a.watcher);
  clock.advance(2_500);
  a?.watch.stop();
  hub.remove('a');
  expect(b?.watch.running).toBe(true);
  clock.advance(7_000);
  expect(b?.watch.running).toBe(false);
});

test('[ADMIN4] a report is about the time since the one before', async () => {
  const { clock, nodes } = cluster('a');
  const [a] = nodes;
  if (!a) throw new Error('no node');
  a.figures.edits = 1_000;
  a.watch.add(a.watcher);
  a.figures.edits += 40;
  a.looks.cpuMicros += 250_000;
  clock.advance(1_000);
  expect(a.seen[0]).toMatchObject({
    node: 'a',
    at: clock.wall(),
    silent: [],
    nodes: [
      {
        node: 'a',
        version: '1.2.3',
        state: 'ok',
        editsPerSecond: 40,
        cpu: 0.25,
        sessions: 3,
        rss: 2,
        bus: 'ok',
      },
    ],
  });
  clock.advance(1_000);
  expect(a.seen[1]?.nodes[0]).toMatchObject({ editsPerSecond: 0, cpu: 0 });
});

test('[ADMIN4] one look takes a second the first time, and none while somebody looks now and then', async () => {
  const { clock, nodes } = cluster('a', 'b');
  const [a, b] = nodes;
  const first = a?.watch.once();
  a?.errors.warn({}, 'late');
  clock.advance(999);
  expect(a?.looks.count).toBe(1);
  // The others begin when they are asked, and tell of themselves at the same moment here.
  clock.advance(1_001);
  expect((await first)?.nodes.map(({ node }) => node)).toEqual(['a', 'b']);
  const looked = b?.looks.count;
  expect((await a?.watch.once())?.errors).toMatchObject([{ message: 'late' }]);
  expect(b?.looks.count).toBe(looked);
});

test('[ADMIN6] all nodes are shown wherever one watches, that one first; who watches twice costs nobody more', () => {
  const { hub, clock, nodes } = cluster('b', 'a', 'c');
  const [b, a, c] = nodes;
  b?.watch.add(b.watcher);
  c?.watch.add(c.watcher);
  clock.advance(3_000);
  expect(b?.names()).toEqual(['b', 'a', 'c']);
  expect(c?.names()).toEqual(['c', 'a', 'b']);
  expect(a?.looks.count).toBe(4);
  const reports = hub.sent.filter(({ from, text }) => from === 'a' && text.includes('"report"'));
  expect(reports).toHaveLength(3);
});

test('[ADMIN6] a node that does not tell of itself is named, shown for a while as it was, and not any more when it is gone', () => {
  const { hub, clock, nodes } = cluster('a', 'b', 'c');
  const [a, b] = nodes;
  a?.watch.add(a.watcher);
  clock.advance(3_000);
  expect(a?.seen.at(-1)?.silent).toEqual([]);
  if (b) b.bus.connected = false;
  clock.advance(4_000);
  expect(a?.names()).toEqual(['a', 'b', 'c']);
  expect(a?.seen.at(-1)?.silent).toEqual(['b']);
  clock.advance(2_000);
  expect(a?.names()).toEqual(['a', 'c']);
  expect(a?.seen.at(-1)?.silent).toEqual(['b']);
  hub.remove('b');
  clock.advance(1_000);
  expect(a?.seen.at(-1)).toMatchObject({ silent: [] });
});

test('[ADMIN6] a node that cannot reach the others shows itself, says so, and names them', async () => {
  const { clock, nodes } = cluster('a', 'b');
  const [a] = nodes;
  if (!a) throw new Error('no node');
  a.bus.connected = false;
  const once = a.watch.once();
  clock.advance(3_000);
  expect(await once).toMatchObject({ nodes: [{ node: 'a', bus: 'away' }], silent: ['b'] });
});

test('[ADMIN7] errors of all nodes are shown, newest first, also those that were there before, or when a message was lost', () => {
  const { clock, nodes } = cluster('a', 'b');
  const [a, b] = nodes;
  b?.errors.error({}, 'first');
  clock.advance(10);
  a?.errors.warn({}, 'second');
  a?.watch.add(a.watcher);
  clock.advance(2_000);
  const messages = () => a?.seen.at(-1)?.errors.map(({ node, message }) => `${node} ${message}`);
  expect(messages()).toEqual(['a second', 'b first']);
  // The report that has the next one does not arrive.
  b?.errors.error({}, 'third');
  if (a) a.bus.deaf = true;
  clock.advance(1_000);
  if (a) a.bus.deaf = false;
  clock.advance(3_000);
  expect(messages()).toEqual(['b third', 'a second', 'b first']);
});

test('[ADMIN8] when a node stops, everybody who watches there is told, and whoever asks is answered', async () => {
  const { clock, nodes } = cluster('a');
  const [a] = nodes;
  const once = a?.watch.once();
  a?.watch.add(a.watcher);
  a?.watch.stop();
  expect(a?.ended).toBe(1);
  expect((await once)?.nodes).toHaveLength(1);
  a?.watch.add(a.watcher);
  expect(a?.ended).toBe(2);
  expect((await a?.watch.once())?.nodes).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

test('[ADMIN13] that a node begins to drain is told at once, with the figures that it had', () => {
  const { clock, nodes } = cluster('a', 'b');
  const [a, b] = nodes;
  b?.watch.stateChanged('draining');
  a?.watch.add(a.watcher);
  clock.advance(1_500);
  const reports = a?.seen.length;
  const before = b?.looks.count;
  b?.watch.stateChanged('draining');
  a?.watch.stateChanged('ok');
  expect(a?.seen.length).toBe((reports ?? 0) + 1);
  expect(a?.seen.at(-1)?.nodes.map(({ node, state }) => `${node} ${state}`)).toEqual(['a ok', 'b draining']);
  expect(b?.looks.count).toBe(before);
});
