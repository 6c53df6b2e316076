import { expect, test } from '@jest/globals';
import { readMetrics } from '../../../load/nodes/metrics-text.js';
import { PromMetrics } from '../../../server/telemetry/prom-metrics.js';

const NOTHING = {
  cpuSeconds: undefined,
  rss: undefined,
  lagMs: undefined,
  sessions: undefined,
  edits: undefined,
};

test('[LOADREP10] the few lines that matter are read, with labels or without, and added up', () => {
  const text = [
    '# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.',
    '# TYPE process_cpu_seconds_total counter',
    'process_cpu_seconds_total 12.5 1700000000000',
    'process_resident_memory_bytes{app="a"} 1.5e+08',
    'coscribe_event_loop_lag_seconds 0.0042',
    'nodejs_eventloop_lag_p99_seconds 9',
    'coscribe_sessions{protocol="coscribe"} 40',
    'coscribe_sessions{protocol="a \\"} 7"} 2',
    'coscribe_sessions_behind 99',
    'coscribe_edits_total 123456',
  ].join('\n');
  expect(readMetrics(text)).toEqual({
    cpuSeconds: 12.5,
    rss: 150e6,
    lagMs: 4.2,
    sessions: 42,
    edits: 123_456,
  });
});

test('[LOADREP10] what is not there, is no number or is no metrics at all counts as not told', () => {
  expect(readMetrics('')).toEqual(NOTHING);
  expect(readMetrics('<!doctype html><title>process_cpu_seconds_total 3</title>')).toEqual(NOTHING);
  expect(readMetrics('coscribe_edits_total NaN\nprocess_resident_memory_bytes +Inf\n')).toEqual(NOTHING);
  expect(readMetrics('nodejs_eventloop_lag_seconds 0.5')).toEqual({ ...NOTHING, lagMs: 500 });
});

test('[LOADREP10] a node of ours tells processor, memory and lag under the names that are read', async () => {
  const { cpuSeconds, rss, lagMs } = readMetrics(await new PromMetrics().text());
  expect(cpuSeconds).toBeGreaterThan(0);
  expect(rss).toBeGreaterThan(1e6);
  expect(lagMs).toBeGreaterThanOrEqual(0);
});
