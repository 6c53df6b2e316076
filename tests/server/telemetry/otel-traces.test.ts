import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { OtelTraces } from '../../../server/telemetry/otel-traces.js';
import { traceOf } from '../../../server/telemetry/trace-of.js';
import { systemClock } from '../../../shared/time.js';
import { BusHub } from '../../support/bus-hub.js';
import { GatedStore } from '../../support/gated-store.js';
import { type GatewayServer, startGateway } from '../../support/gateway-server.js';
import { type CollectedSpan, startCollector } from '../../support/otlp-collector.js';
import { RawClient } from '../../support/raw-client.js';
import { until } from '../../support/until.js';

let collector: Awaited<ReturnType<typeof startCollector>>;
const clock = systemClock({ unref: true });
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  collector = await startCollector();
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
  await collector.close();
});

const tracesOf = (node: string, url = collector.url): OtelTraces =>
  new OtelTraces({ url, share: 1, node, version: '1.2.3', clock });

async function startNode(name: string, hub: BusHub, store: GatedStore, traces: OtelTraces) {
  const node: GatewayServer = await startGateway({ bus: hub.node(name), store, traces });
  ends.push(() => node.stop());
  return node;
}

test('[TRACE1] [TRACE3] one trace follows an edit from its arrival to the screens on another node', async () => {
  const hub = new BusHub();
  const store = new GatedStore();
  const traces = [tracesOf('a'), tracesOf('b')] as const;
  const a = await startNode('a', hub, store, traces[0]);
  const b = await startNode('b', hub, store, traces[1]);
  const document = 'acme/traced';
  const writer = await RawClient.joined(a.url, { document });
  const reader = await RawClient.joined(b.url, { document });
  const before = Date.now();
  const reply = await writer.type('hello');
  await until(() => reader.text === 'hello', 'the edit on the other node');
  const after = Date.now();
  writer.close();
  reader.close();
  for (const one of traces) await one.close();

  if (!reply.ok) throw new Error(reply.error.message);
  const { seq } = reply;
  const edit = collector.spans.find(({ name }) => name === 'edit') as CollectedSpan;
  const { traceId, rootId } = traceOf(String(edit.attributes['coscribe.generation']), seq);
  expect(edit).toMatchObject({ traceId, spanId: rootId });
  expect(edit.parentSpanId ?? '').toBe('');
  expect(edit.attributes).toMatchObject({ 'coscribe.document': document, 'coscribe.seq': seq });
  expect(edit.resource).toMatchObject({
    'service.name': 'coscribe',
    'service.version': '1.2.3',
    'service.instance.id': 'a',
  });

  const inside = collector.spans.filter(({ parentSpanId }) => parentSpanId === rootId);
  expect(inside.every((span) => span.traceId === traceId)).toBe(true);
  const where = inside.map(({ name, resource }) => `${name} ${resource['service.instance.id']}`).sort();
  expect(where).toEqual(['broadcast a', 'broadcast b', 'check a', 'commit a', 'wait a']);
  const timesOf = (name: string): number[] => {
    const span = [edit, ...inside].find((one) => one.name === name) as CollectedSpan;
    return [Number(span.startTimeUnixNano) / 1e6, Number(span.endTimeUnixNano) / 1e6];
  };
  const [begin = 0, end = 0] = timesOf('edit');
  expect(begin).toBeGreaterThan(before - 5);
  expect(end).toBeLessThan(after + 5);
  const steps = ['check', 'wait', 'commit'].flatMap(timesOf);
  expect([...steps].sort((x, y) => x - y)).toEqual(steps);
  expect(steps[0]).toBe(begin);
  // Nothing of a text is in them.
  expect(JSON.stringify(collector.spans)).not.toContain('hello');
});

test('[TRACE4] a collector that takes nothing costs nobody an edit', async () => {
  const traces = tracesOf('c', `${collector.url}/refused`);
  const node = await startNode('c', new BusHub(), new GatedStore(), traces);
  const writer = await RawClient.joined(node.url, { document: 'acme/untraced' });
  for (let edit = 0; edit < 20; edit++) expect(await writer.type('x')).toMatchObject({ ok: true });
  writer.close();
  ends.push(() => traces.close());
});
