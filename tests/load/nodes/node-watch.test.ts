import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { NodeWatch } from '../../../load/nodes/node-watch.js';
import { ManualClock } from '../../support/manual-clock.js';
import { until } from '../../support/until.js';

let server: Server;
let asked: { path: string; token: string | undefined }[];
let metrics: string | undefined;
let status: number;
let clock: ManualClock;
let watch: NodeWatch;
let url: string;

beforeEach(async () => {
  asked = [];
  metrics = '';
  status = 200;
  clock = new ManualClock();
  server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', token: request.headers.authorization });
    if (metrics === undefined) response.destroy();
    else if (request.url === '/healthz') response.end('{"status":"ok","version":"1.2.3"}');
    else response.writeHead(status).end(metrics);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  watch.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function open(pid: number | undefined = undefined, token?: string): void {
  watch = new NodeWatch({
    nodes: [{ name: 'node 1', url: `${url}/yjs`, pid: () => pid }],
    clock,
    ...(token === undefined ? {} : { token }),
    at: () => clock.monotonic() / 1000,
  });
}

const samples = () => watch.series()[0]?.samples ?? [];

/** The next look, and what came of it. */
async function look(what: string | undefined, cpu?: { edits: number; cpuSeconds: number }) {
  metrics =
    cpu === undefined
      ? what
      : `process_cpu_seconds_total ${cpu.cpuSeconds}\ncoscribe_edits_total ${cpu.edits}\ncoscribe_sessions 3\n`;
  const before = samples().length;
  if (before === 0) watch.start();
  else clock.advance(1_000);
  await until(() => samples().length > before, 'the node was looked at');
  return samples().at(-1);
}

test('[LOADREP10] a node is looked at once a second, with the token, and counters become rates', async () => {
  open(undefined, 'secret');
  expect(await look('', { cpuSeconds: 10, edits: 500 })).toEqual({ at: 0, up: true, sessions: 3 });
  expect(await look('', { cpuSeconds: 10.25, edits: 900 })).toEqual({
    at: 1,
    up: true,
    sessions: 3,
    cpu: 0.25,
    editsPerSecond: 400,
  });
  expect(watch.latest()).toEqual([samples()[1]]);
  expect(watch.series()[0]).toMatchObject({ name: 'node 1', version: '1.2.3' });
  expect(asked.map(({ path }) => path)).toEqual(['/metrics', '/healthz', '/metrics']);
  expect(new Set(asked.map(({ token }) => token))).toEqual(new Set(['Bearer secret']));
});

test('[LOADREP11] a node that does not answer is down at that moment, and one that began anew makes no rates with what was before', async () => {
  open();
  await look('', { cpuSeconds: 100, edits: 90_000 });
  expect(await look(undefined)).toEqual({ at: 1, up: false });
  expect(await look('', { cpuSeconds: 0.5, edits: 4 })).toEqual({ at: 2, up: true, sessions: 3 });
  expect(await look('', { cpuSeconds: 0.75, edits: 10 })).toMatchObject({ cpu: 0.25, editsPerSecond: 6 });
});

test('[LOADREP11] a process of ours that tells nothing, or does not answer, is measured through the system', async () => {
  open(process.pid);
  await look('<!doctype html>');
  const told = await look(undefined);
  expect(told).toMatchObject({ at: 1, up: false });
  expect(told?.rss).toBeGreaterThan(1e6);
  expect(told?.cpu).toBeGreaterThanOrEqual(0);
});

test.each([
  [401, undefined, 'give a --token that opens it'],
  [403, 'secret', 'the --token that was given does not open it: it must have a claim "operator"'],
])(
  '[LOADREP13] a node that answers /metrics with %i is told of, with what to do about it',
  async (code, token, todo) => {
    open(undefined, token);
    status = code;
    await look('not for you');
    await look('not for you');
    expect(watch.refusals()).toEqual([
      `node 1 (${url}) answered /metrics with ${code}, so that it tells nothing about itself: ${todo}.`,
    ]);
    status = 200;
    await look('', { cpuSeconds: 10, edits: 500 });
    expect(watch.refusals()).toEqual([]);
  },
);

test('[LOADREP11] a node that is slow to answer is not asked again before it has', async () => {
  open();
  server.removeAllListeners('request');
  const waiting: (() => void)[] = [];
  server.on('request', (_, response) => waiting.push(() => response.end('coscribe_sessions 1')));
  watch.start();
  await until(() => waiting.length === 1, 'it is asked');
  clock.advance(5_000);
  for (const answer of waiting.splice(0)) answer();
  await until(() => waiting.length === 1, 'it is asked for its version');
  for (const answer of waiting.splice(0)) answer();
  await until(() => samples().length === 1, 'it was looked at');
  expect(waiting).toHaveLength(0);
});
