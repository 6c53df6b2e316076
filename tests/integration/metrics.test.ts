import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { expect, test } from '@jest/globals';
import { ERRORS } from '../../shared/errors.js';
import { allMetrics } from '../support/all-metrics.js';
import { Clients, textOf, type } from '../support/clients.js';
import { type Family, metricValue, parseExposition, sampleNames } from '../support/exposition.js';
import { alertRules, dashboardQueries, metricsIn, promtool } from '../support/monitoring.js';
import { withServer } from '../support/server-process.js';
import { TextFollower } from '../support/text-follower.js';
import { until } from '../support/until.js';
import { YWebSocketClient } from '../support/y-websocket-client.js';

/** Prometheus' own, and what only a node has that is one of several. */
const ELSEWHERE: ReadonlySet<string> = new Set(['ALERTS', 'coscribe_bus_connected']);

type Metrics = ReadonlyMap<string, Family>;

async function scrape(url: string): Promise<{ readonly text: string; readonly metrics: Metrics }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return { text, metrics: parseExposition(text) };
}

/** A request with a method that `fetch` does not know. Fulfils with the status. */
function ask(url: string, method: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { method }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
}

test('[METRIC1] [METRIC2] [METRIC4] [METRIC12] a node tells what was done with it, and nothing that a client could choose', async () => {
  const secret = randomUUID().slice(0, 8);
  const document = `${secret}/notes`;
  const clients = new Clients();
  // Nobody is there: what is told to webhooks waits.
  const env = {
    ...process.env,
    COSCRIBE_WEBHOOK_URL: 'http://127.0.0.1:9/',
    COSCRIBE_WEBHOOK_SECRET: `whsec_${Buffer.from(randomUUID()).toString('base64')}`,
  };
  await withServer({ env }, async ({ url }) => {
    const { metrics: atFirst } = await scrape(url);
    const [ann, bob] = [0, 1].map(() => clients.connect(url, { document }));
    const carl = new YWebSocketClient('3.1.0', url, { room: document });
    let follower: TextFollower | undefined;
    try {
      if (ann === undefined || bob === undefined) throw new Error('nobody is there');
      await until(() => ann.synced && bob.synced && carl.synced, 'all are in');
      // Now there is something to follow.
      follower = new TextFollower(`${url}/api/documents/${document}/events?as=text`);
      await until(() => follower?.text === '', 'the follower sees the text');
      for (let n = 0; n < 5; n++) {
        type(ann, 'x');
        await until(() => ann.unsavedChanges === 0, 'it is saved');
      }
      await until(() => textOf(bob).length === 5 && follower?.text?.length === 5, 'all see it');
      expect((await fetch(`${url}/api/documents/${secret}/gone/text`)).status).toBe(404);
      expect(await ask(`${url}/${secret}`, 'GET')).toBe(404);
      await ask(`${url}/api/documents/${document}`, 'PURGE');

      const { text, metrics } = await scrape(url);
      const told = (name: string, labels: Readonly<Record<string, string>> = {}): number =>
        metricValue(metrics, name, labels) - metricValue(atFirst, name, labels);
      expect(told('coscribe_edits_total')).toBe(5);
      expect(told('coscribe_ack_duration_seconds_count')).toBe(5);
      expect(told('coscribe_commit_edits_sum')).toBe(5);
      expect(told('coscribe_edit_bytes_total')).toBeGreaterThan(5 * 10);
      expect(told('coscribe_joins_total')).toBe(4);
      expect(told('coscribe_sessions', { protocol: 'coscribe' })).toBe(2);
      expect(told('coscribe_sessions', { protocol: 'y-websocket' })).toBe(1);
      expect(told('coscribe_sessions', { protocol: 'events' })).toBe(1);
      const webSocket = { transport: 'websocket' };
      expect(told('coscribe_connections', { ...webSocket, protocol: 'y-websocket' })).toBe(1);
      expect(told('coscribe_connections', { protocol: 'socket.io' })).toBe(2);
      expect(told('coscribe_connections', { protocol: 'events', transport: 'http' })).toBe(1);
      expect(told('coscribe_documents_open')).toBe(1);
      // To Bob, to Carl, and to the one who follows.
      expect(told('coscribe_deliveries_total')).toBe(15);
      expect(told('coscribe_network_received_bytes_total')).toBeGreaterThan(500);
      expect(told('coscribe_network_sent_bytes_total')).toBeGreaterThan(
        told('coscribe_network_received_bytes_total'),
      );
      expect(told('coscribe_refused_total', { what: 'request', code: 'no-access' })).toBe(1);
      expect(told('coscribe_http_requests_total', { route: '/api/documents/:workspace/:name/text' })).toBe(1);
      expect(told('coscribe_http_requests_total', { route: 'none', status: '4xx' })).toBeGreaterThanOrEqual(
        1,
      );
      expect(told('coscribe_http_requests_total', { method: 'other' })).toBe(1);
      expect(told('coscribe_webhook_documents_waiting')).toBe(1);
      expect(metricValue(metrics, 'coscribe_store_free_bytes')).toBeGreaterThan(0);
      expect(metricValue(metrics, 'coscribe_memory_limit_bytes')).toBeGreaterThan(0);

      expect(text).not.toContain(secret);
      expect(text).not.toContain('127.0.0.1');
      for (const { labels } of metrics.get('coscribe_refused_total')?.samples ?? [])
        expect(Object.keys(ERRORS)).toContain(labels.code);

      // What prom-client calls its own gauges is not ours.
      const complaints = promtool(['check', 'metrics'], text).output.split('\n');
      expect(complaints.filter((line) => line !== '' && !line.startsWith('nodejs_'))).toEqual([]);

      const names = sampleNames(metrics);
      const all = sampleNames(parseExposition(await allMetrics().text()));
      const asked = new Set(
        [...alertRules().map(({ expr }) => expr), ...dashboardQueries()].flatMap(metricsIn),
      );
      expect(asked.size).toBeGreaterThan(40);
      expect([...asked].filter((name) => !names.has(name) && !ELSEWHERE.has(name))).toEqual([]);
      expect([...ELSEWHERE].filter((name) => name.startsWith('coscribe_') && !all.has(name))).toEqual([]);
    } finally {
      clients.destroy();
      carl.provider.destroy();
      follower?.close();
    }
  });
});
