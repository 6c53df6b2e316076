import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { allMetrics } from '../support/all-metrics.js';
import { parseExposition } from '../support/exposition.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { alertRules, metricsIn, promtool, RULES } from '../support/monitoring.js';
import { ROOT, readProjectFile } from '../support/project-files.js';

/** What a node tells, minute by minute from the beginning on, in promtool's notation: `0+6x60` grows by 6 for an hour. */
type Story = Readonly<Record<string, string>>;

const NODE = 'instance="a:8080",job="coscribe"';
const ack = 'coscribe_ack_duration_seconds_bucket';
const echo = 'coscribe_bus_echo_duration_seconds_bucket';

/** In which each alert fires after an hour, and does not fire before the trouble begins. */
const TROUBLES: Readonly<Record<string, Story>> = {
  CoscribeNodeDown: { [`up{${NODE}}`]: '1x30 0x30' },
  CoscribeRestarts: { [`process_start_time_seconds{${NODE}}`]: '100x40 200x5 300x5 400x10' },
  CoscribeCannotSave: { [`coscribe_store_saving{${NODE}}`]: '1x30 0x30' },
  CoscribeSavingFails: { [`coscribe_commit_failures_total{${NODE}}`]: '0x30 0+10x30' },
  CoscribeAckSlow: {
    [`${ack}{${NODE},le="0.5"}`]: '0+60x30 1800+60x30',
    [`${ack}{${NODE},le="0.75"}`]: '0+60x30 1800+100x30',
    [`${ack}{${NODE},le="+Inf"}`]: '0+60x30 1800+100x30',
  },
  CoscribeEventLoopLate: { [`coscribe_event_loop_lag_seconds{${NODE}}`]: '0.01x30 0.4x30' },
  CoscribeRefusesBusy: {
    [`coscribe_refused_total{${NODE},what="connection",code="server-busy"}`]: '0x30 0+1x30',
  },
  CoscribeRefusals: {
    [`coscribe_refused_total{${NODE},what="connection",code="origin-refused"}`]: '0x30 0+90x30',
  },
  CoscribeInternalErrors: { [`coscribe_refused_total{${NODE},what="request",code="internal"}`]: '0x55 1x5' },
  CoscribeDocumentUnreadable: {
    [`coscribe_refused_total{${NODE},what="join",code="document-unreadable"}`]: '0x55 1x5',
  },
  CoscribeBusAway: { [`coscribe_bus_connected{${NODE}}`]: '1x30 0x30' },
  CoscribeBusUnsteady: { [`coscribe_bus_losses_total{${NODE}}`]: '0x40 0+1x20' },
  CoscribeBusSlow: {
    [`${echo}{${NODE},le="0.2"}`]: '0+30x30 900+10x30',
    [`${echo}{${NODE},le="0.5"}`]: '0+30x30 900+30x30',
    [`${echo}{${NODE},le="+Inf"}`]: '0+30x30 900+30x30',
  },
  CoscribeBusGaps: {
    [`coscribe_bus_gaps_total{${NODE}}`]: '0x30 0+60x30',
    [`coscribe_bus_connected{${NODE}}`]: '1x60',
  },
  CoscribeContentMismatch: { [`coscribe_content_mismatches_total{${NODE},side="node"}`]: '0x55 1x5' },
  CoscribeClientMismatch: { [`coscribe_content_mismatches_total{${NODE},side="client"}`]: '0x40 0+1x20' },
  CoscribeClientsTooSlow: { [`coscribe_sessions_cut_total{${NODE}}`]: '0x20 0+20x40' },
  CoscribeOutgoingQueue: { [`coscribe_outgoing_queue_bytes{${NODE}}`]: '0x30 300000000x30' },
  CoscribeCompactionFails: { [`coscribe_compaction_failures_total{${NODE}}`]: '0x40 0+1x20' },
  CoscribeWorkerQueue: { [`coscribe_worker_jobs_waiting{${NODE},worker="crdt"}`]: '0x30 90x30' },
  CoscribeHttpErrors: {
    [`coscribe_http_requests_total{${NODE},method="GET",route="/",status="2xx"}`]: '0+60x60',
    [`coscribe_http_requests_total{${NODE},method="GET",route="/",status="5xx"}`]: '0x30 0+6x30',
  },
  CoscribeWebhooksFail: {
    [`coscribe_webhook_requests_total{${NODE},outcome="failed"}`]: '0x30 0+1x30',
    [`coscribe_webhook_documents_waiting{${NODE}}`]: '0x30 4x30',
  },
  CoscribeHooksFail: { [`coscribe_hook_failures_total{${NODE}}`]: '0x55 1x5' },
  CoscribeHeapHigh: {
    [`nodejs_heap_size_used_bytes{${NODE}}`]: '100x30 900x30',
    [`coscribe_heap_limit_bytes{${NODE}}`]: '1000x60',
  },
  CoscribeMemoryHigh: {
    [`process_resident_memory_bytes{${NODE}}`]: '100x30 950x30',
    [`coscribe_memory_limit_bytes{${NODE}}`]: '1000x60',
  },
  CoscribeFileDescriptors: {
    [`process_open_fds{${NODE}}`]: '100x30 900x30',
    [`process_max_fds{${NODE}}`]: '1000x60',
  },
  CoscribeDiskFull: { [`coscribe_store_free_bytes{${NODE}}`]: '9000000000x30 500000000x30' },
  CoscribeDraining: { [`coscribe_draining{${NODE}}`]: '0x30 1x30' },
  CoscribeVersionsDiffer: {
    [`coscribe_build_info{${NODE},version="1.0.0",node="n1"}`]: '1x60',
    'coscribe_build_info{instance="b:8080",job="coscribe",version="1.1.0",node="n2"}': '1x60',
  },
};

/** Of what a healthy node tells, what is not the same all the time. */
const HEALTHY: Story = {
  coscribe_edits_total: '0+600x120',
  coscribe_joins_total: '0+6x120',
  coscribe_deliveries_total: '0+6000x120',
  coscribe_store_free_bytes: '100000000000x120',
  coscribe_resyncs_total: '0+1x120',
};

let folder: TemporaryFolder;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

describe('alerts', () => {
  test('[METRIC11] are sound rules, each with a sentence, a description and a severity', () => {
    const { ok, output } = promtool(['check', 'rules', join(ROOT, RULES)]);
    expect(output).toContain('SUCCESS');
    expect(ok).toBe(true);
    const rules = alertRules();
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { labels, annotations } of rules) {
      expect(['critical', 'warning', 'info']).toContain(labels.severity);
      expect(annotations.summary).toBeTruthy();
      expect(annotations.description).toBeTruthy();
    }
  });

  test('[METRIC11] fire when there is trouble and not before, and none of them on a healthy node', async () => {
    expect(Object.keys(TROUBLES)).toEqual(alertRules().map(({ alert }) => alert));
    // Each on a node of its own, all at the same time.
    const stories = Object.entries(TROUBLES).map(([alert, story]) =>
      series(story).map(({ series: name, values }) => ({ series: name.replace('a:8080', alert), values })),
    );
    const trouble = {
      name: 'each trouble on a node of its own',
      interval: '1m',
      input_series: stories.flat(),
      promql_expr_test: [firing('25m', []), firing('60m', Object.keys(TROUBLES))],
    };
    const healthy = {
      name: 'a healthy node',
      interval: '1m',
      input_series: series(await healthyStory()),
      promql_expr_test: ['10m', '61m', '119m'].map((at) => firing(at, [])),
    };
    const file = folder.file('tests.yml');
    const rule_files = [join(ROOT, RULES)];
    writeFileSync(file, stringify({ rule_files, evaluation_interval: '1m', tests: [trouble, healthy] }));
    const { ok, output } = promtool(['test', 'rules', file]);
    expect([ok, ok ? '' : output]).toEqual([true, '']);
  });

  test('[METRIC13] have a runbook each, to which they lead, and there is none for an alert that is gone', () => {
    const operations = readProjectFile('docs/OPERATIONS.md');
    const chapter = operations.slice(operations.indexOf('\n## Alerts\n')).split(/\n## (?!Alerts)/)[0] ?? '';
    const books = [
      ...chapter.matchAll(/^### (\w+)\n\n- \*\*Means:\*\* .+\n- \*\*Look at:\*\* .+\n- \*\*Do:\*\* .+$/gm),
    ];
    expect(books.map(([, name]) => name)).toEqual(alertRules().map(({ alert }) => alert));
    for (const { alert, annotations } of alertRules())
      expect(annotations.runbook_url).toBe(`docs/OPERATIONS.md#${alert.toLowerCase()}`);
  });
});

function series(story: Story): { series: string; values: string }[] {
  return Object.entries(story).map(([name, values]) => ({ series: name, values }));
}

/** These alerts fire at that time, and no others. */
function firing(at: string, alerts: readonly string[]): object {
  return {
    expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
    eval_time: at,
    exp_samples: alerts.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
  };
}

/** What a node tells that has everything, as far as it is asked for, as it stands in its metrics, for two hours. */
async function healthyStory(): Promise<Story> {
  const story: Record<string, string> = { [`up{${NODE}}`]: '1x120' };
  const asked = new Set(alertRules().flatMap(({ expr }) => metricsIn(expr)));
  for (const { samples } of parseExposition(await allMetrics().text()).values())
    for (const { name, labels, value } of samples) {
      if (!asked.has(name)) continue;
      const pairs = Object.entries(labels).map(([key, text]) => `${key}="${text}"`);
      story[`${name}{${[NODE, ...pairs].join(',')}}`] = HEALTHY[name] ?? `${value}x120`;
    }
  return story;
}
