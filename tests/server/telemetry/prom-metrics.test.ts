import { expect, test } from '@jest/globals';
import { PromMetrics } from '../../../server/telemetry/prom-metrics.js';

test('[HTTP14] what was counted and what is the case now can be read', async () => {
  const metrics = new PromMetrics();
  let saving = true;
  metrics.watch({ openDocuments: () => 3, saving: () => saving, busConnected: () => false });
  metrics.count('bus-gap');
  metrics.count('bus-gap', 2);
  const lines = (await metrics.text()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'coscribe_bus_gap_total 3',
      'coscribe_content_mismatch_node_total 0',
      'coscribe_documents_open 3',
      'coscribe_store_saving 1',
      'coscribe_bus_connected 0',
    ]),
  );
  expect(lines.some((line) => line.startsWith('nodejs_eventloop_lag_seconds'))).toBe(true);
  saving = false;
  expect(await metrics.text()).toContain('coscribe_store_saving 0');
});

test('[HTTP14] a node that is the only one says nothing of a bus', async () => {
  const metrics = new PromMetrics();
  metrics.watch({ openDocuments: () => 0, saving: () => true, busConnected: () => undefined });
  expect(await metrics.text()).not.toContain('coscribe_bus_connected');
});
