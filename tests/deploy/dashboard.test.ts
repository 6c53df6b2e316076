import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { temporaryFolder } from '../support/folder.js';
import { DASHBOARD, dashboard, dashboardQueries, promtool, RULES } from '../support/monitoring.js';
import { readProjectFile } from '../support/project-files.js';

const COLUMNS = 24;
const COMPOSE = 'deploy/docker-compose.metrics.yml';
const CONFIG = 'deploy/prometheus/prometheus.yml';

interface Service {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly secrets?: readonly string[];
}

const compose = parse(readProjectFile(COMPOSE)) as {
  readonly services: Readonly<Record<'node' | 'prometheus' | 'grafana', Service>>;
  readonly secrets: Readonly<Record<string, { readonly environment: string }>>;
};

describe('the dashboard', () => {
  const { panels, schemaVersion, uid, id, templating } = dashboard();

  test('[METRIC14] is of the last version of this form, and belongs to no Grafana yet', () => {
    // https://github.com/grafana/grafana/blob/main/public/app/features/dashboard/state/DashboardMigrator.ts
    expect({ schemaVersion, uid, id }).toEqual({ schemaVersion: 42, uid: 'coscribe', id: null });
    expect(templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['instance', 'query'],
    ]);
  });

  test('[METRIC14] its panels have ids of their own, titles, descriptions and the data source that was chosen', () => {
    expect(new Set(panels.map((panel) => panel.id)).size).toBe(panels.length);
    expect(panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual([
      'At a glance',
      'Traffic',
      'Latency',
      'Saving',
      'Cluster',
      'Process',
    ]);
    for (const { type, title, description, datasource, targets = [] } of panels) {
      expect(title).toBeTruthy();
      if (type === 'row') continue;
      expect(description).toBeTruthy();
      expect(datasource?.uid).toBe(`$\{datasource}`);
      expect(targets.length).toBeGreaterThan(0);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });

  test('[METRIC14] no panel lies on another one or beside the grid', () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(COLUMNS);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([title, taken.get(`${x} ${y}`)]).toEqual([title, undefined]);
          taken.set(`${x} ${y}`, title);
        }
    }
  });

  test('[METRIC14] whatever it asks for, Prometheus understands', () => {
    const rules = dashboardQueries().map((expr, n) => ({ record: `query_${n}`, expr }));
    const folder = temporaryFolder();
    try {
      const file = folder.file('queries.yml');
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
      expect(promtool(['check', 'rules', file])).toMatchObject({ ok: true });
    } finally {
      folder.remove();
    }
  });
});

describe('Prometheus and Grafana beside the nodes', () => {
  test('[METRIC15] the configuration is sound, and has the rules and the name of the job that they look for', () => {
    const config = readProjectFile(CONFIG);
    const folder = temporaryFolder();
    try {
      const token = folder.file('token');
      writeFileSync(token, 'a token of sixteen characters');
      const file = folder.file('prometheus.yml');
      writeFileSync(file, config.replace('/run/secrets/coscribe-operator-token', token));
      const rules = folder.file('rules/coscribe.yml');
      mkdirSync(dirname(rules));
      writeFileSync(rules, readProjectFile(RULES));
      const { ok, output } = promtool(['check', 'config', file]);
      expect(output).toContain('1 rule files found');
      expect(ok).toBe(true);
    } finally {
      folder.remove();
    }
    const { scrape_configs } = parse(config) as { scrape_configs: { job_name: string }[] };
    expect(scrape_configs.map(({ job_name }) => job_name)).toEqual(['coscribe']);
  });

  test('[METRIC15] files are where the two look for them, and the token is the one that nodes want', () => {
    const { node, prometheus, grafana } = compose.services;
    const secret = 'coscribe-operator-token';
    expect(prometheus.volumes).toContain('./deploy/prometheus:/etc/prometheus:ro');
    expect(prometheus.secrets).toEqual([secret]);
    expect(readProjectFile(CONFIG)).toContain(`/run/secrets/${secret}`);
    const variable = compose.secrets[secret]?.environment ?? '';
    expect(node.environment?.[variable]).toMatch(/^\$\{COSCRIBE_OPERATOR_TOKEN:\?/);
    const [source, provider] = ['datasources/prometheus.yml', 'dashboards/coscribe.yml'].map(
      (path) => parse(readProjectFile(join('deploy/grafana/provisioning', path))) as Record<string, unknown>,
    );
    expect(source).toMatchObject({ datasources: [{ type: 'prometheus', url: 'http://prometheus:9090' }] });
    expect(provider).toMatchObject({ providers: [{ options: { path: '/etc/grafana/dashboards' } }] });
    expect(grafana.volumes).toContain(`./${dirname(DASHBOARD)}:/etc/grafana/dashboards:ro`);
    expect(grafana.environment?.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH).toBe(
      '/etc/grafana/dashboards/coscribe.json',
    );
  });

  test('[METRIC15] only this machine reaches Grafana, and nobody outside Prometheus', () => {
    const { prometheus, grafana } = compose.services;
    expect(prometheus.ports).toBeUndefined();
    expect(grafana.ports?.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
    // The nodes' own network has no way out, and Grafana no way to PostgreSQL and Redis.
    expect([prometheus.networks, grafana.networks]).toEqual([['back', 'metrics'], ['metrics']]);
    for (const { image } of [prometheus, grafana]) expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
    expect(grafana.environment?.GF_SECURITY_ADMIN_PASSWORD).toMatch(/^\$\{COSCRIBE_GRAFANA_PASSWORD:\?/);
  });
});
