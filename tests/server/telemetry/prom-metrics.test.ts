import { describe, expect, test } from '@jest/globals';
import { PromMetrics } from '../../../server/telemetry/prom-metrics.js';
import { allMetrics } from '../../support/all-metrics.js';
import { metricValue, parseExposition } from '../../support/exposition.js';

const NOTHING = {
  census: () => ({
    documents: 0,
    sessions: { coscribe: 0, 'y-socket.io': 0, 'y-websocket': 0, hocuspocus: 0, events: 0 },
    behind: 0,
    waitingEdits: 0,
    waitingBytes: 0,
  }),
  saving: () => true,
  draining: () => false,
  busConnected: () => undefined,
  lagMs: () => 0,
  jobsWaiting: () => ({}),
};

describe('metrics', () => {
  test('[HTTP14] [METRIC1] what was counted and what is the case now can be read, durations in seconds', async () => {
    const metrics = new PromMetrics();
    let saving = true;
    metrics.watch({ ...NOTHING, saving: () => saving, lagMs: () => 250 }, { version: '1.2.3', node: 'n1' });
    metrics.count('bus-gap');
    metrics.count('bus-gap', 2);
    metrics.observe('ack', 3);
    metrics.observe('ack', 700, 2);
    const text = await metrics.text();
    const families = parseExposition(text);
    expect(families.get('coscribe_bus_gaps_total')).toMatchObject({ type: 'counter' });
    expect(metricValue(families, 'coscribe_bus_gaps_total')).toBe(3);
    expect(metricValue(families, 'coscribe_content_mismatches_total', { side: 'node' })).toBe(0);
    expect(metricValue(families, 'coscribe_store_saving')).toBe(1);
    expect(metricValue(families, 'coscribe_event_loop_lag_seconds')).toBe(0.25);
    expect(metricValue(families, 'coscribe_build_info', { version: '1.2.3', node: 'n1' })).toBe(1);
    const ack = 'coscribe_ack_duration_seconds';
    expect(families.get(ack)?.type).toBe('histogram');
    for (const [le, count] of [
      ['0.002', 0],
      ['0.003', 1],
      ['0.5', 1],
      ['0.75', 3],
      ['+Inf', 3],
    ] as const)
      expect(metricValue(families, `${ack}_bucket`, { le })).toBe(count);
    expect([metricValue(families, `${ack}_sum`), metricValue(families, `${ack}_count`)]).toEqual([1.403, 3]);
    expect(families.has('nodejs_eventloop_lag_seconds')).toBe(true);
    saving = false;
    expect(await metrics.text()).toContain('coscribe_store_saving 0\n');
  });

  test('[HTTP14] a node that is the only one says nothing of a bus, nor of webhooks or a disk that it has not', async () => {
    const metrics = new PromMetrics();
    metrics.watch(NOTHING, { version: '1.2.3', node: 'n1' });
    expect(await metrics.text()).not.toMatch(
      /coscribe_(bus_connected|webhook_documents_waiting|store_free_bytes)/,
    );
  });

  test('[METRIC2] connections of one kind are added up, whichever way they came', async () => {
    const families = parseExposition(await allMetrics().text());
    const kind = { protocol: 'socket.io', transport: 'websocket' };
    expect(metricValue(families, 'coscribe_connections', kind)).toBe(6);
    expect(metricValue(families, 'coscribe_connections')).toBe(10);
    expect(metricValue(families, 'coscribe_outgoing_queue_bytes')).toBe(120);
  });

  test('[METRIC10] figures are what the text says', async () => {
    const metrics = allMetrics();
    metrics.add('edits', 5);
    metrics.observe('commit', 4);
    metrics.observe('ack', 9, 5);
    const figures = metrics.figures();
    const families = parseExposition(await metrics.text());
    const told = (name: string): number => metricValue(families, name);
    expect(figures).toMatchObject({
      sessions: told('coscribe_sessions'),
      connections: told('coscribe_connections'),
      followers: 4,
      openDocuments: told('coscribe_documents_open'),
      lagMs: told('coscribe_event_loop_lag_seconds') * 1_000,
      waitingEdits: told('coscribe_edits_waiting'),
      outgoingBytes: told('coscribe_outgoing_queue_bytes'),
      edits: told('coscribe_edits_total'),
      commits: told('coscribe_commit_duration_seconds_count'),
      bytesIn: told('coscribe_network_received_bytes_total'),
      bytesOut: told('coscribe_network_sent_bytes_total'),
      refused: { 'no-access': told('coscribe_refused_total') },
    });
    expect(figures.sessions).toBe(11);
    expect(figures.ackMs.counts.reduce((sum, count) => sum + count)).toBe(5);
    expect(figures.ackMs.sum).toBe(45);
    expect(new PromMetrics().figures()).toMatchObject({
      sessions: 0,
      openDocuments: 0,
      edits: 0,
      refused: {},
    });
  });

  test('[METRIC4] methods that nobody knows are one, and of a status only its class is told', async () => {
    const metrics = new PromMetrics();
    for (let n = 0; n < 100; n++)
      metrics.answered({ method: `BREW${n}`, route: '/api', status: 400 + n, ms: n });
    const { samples = [] } = parseExposition(await metrics.text()).get('coscribe_http_requests_total') ?? {};
    expect(samples.map(({ labels, value }) => [labels.method, labels.status, value])).toEqual([
      ['other', '4xx', 100],
    ]);
  });
});
