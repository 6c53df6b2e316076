import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { loadConfig } from '../../server/config/load-config.js';
import { OPTIONS } from '../../server/config/options.js';
import { argsOf, parseDockerfile } from '../support/dockerfile.js';
import { ROOT, readProjectFile } from '../support/project-files.js';

interface Service {
  readonly [key: string]: unknown;
  readonly image?: string;
  readonly build?: string;
  readonly restart?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period?: string;
  readonly logging?: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const COMPOSE = 'docker-compose.yml';
const TLS = 'deploy/docker-compose.tls.yml';
const METRICS = 'deploy/docker-compose.metrics.yml';

const compose = parse(readProjectFile(COMPOSE)) as Compose;
const tls = parse(readProjectFile(TLS)) as Pick<Compose, 'services'>;
const files = [readProjectFile(COMPOSE), readProjectFile(TLS), readProjectFile(METRICS)];
const example = readProjectFile('deploy/env.example');
const haproxyConfig = readProjectFile('deploy/haproxy.cfg');

const services = Object.entries(compose.services);
const all = [...services, ...Object.entries(tls.services)];

function service(name: string): Service {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`there is no service ${name}`);
  return found;
}

/** Of https://github.com/compose-spec/compose-spec/blob/main/05-services.md, those in use. */
const KEYS = [
  ...[
    'build',
    'cap_drop',
    'command',
    'depends_on',
    'deploy',
    'environment',
    'healthcheck',
    'image',
    'logging',
  ],
  ...['networks', 'ports', 'read_only', 'restart', 'security_opt', 'shm_size', 'stop_grace_period', 'tmpfs'],
  ...['ulimits', 'volumes'],
];

/** What the images of others document: their variables. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  // https://hub.docker.com/_/postgres
  postgres: ['POSTGRES_USER', 'POSTGRES_DB', 'POSTGRES_PASSWORD'],
  // https://redis.io/docs/latest/develop/tools/cli/
  redis: ['REDISCLI_AUTH'],
  haproxy: [...haproxyConfig.matchAll(/"\$\{(\w+)\}"/g)].map(([, name = '']) => name),
  node: Object.values(OPTIONS).map(({ env }) => env),
};

/** `${NAME:?why}` and `${NAME:-default}` in a text. */
function substitutions(text: string): { readonly name: string; readonly required: boolean }[] {
  return [...text.matchAll(/\$\{(\w+)(:[?-])?/g)].map(([, name = '', kind]) => ({
    name,
    required: kind === ':?',
  }));
}

function filled(text: string): string {
  return text.replace(/\$\{\w+:\?[^}]*\}/g, 'secret').replace(/\$\{\w+:-([^}]*)\}/g, '$1');
}

describe('docker-compose.yml', () => {
  test('[DEPLOY4] has a load balancer, nodes, Redis and PostgreSQL, in keys that Compose knows', () => {
    expect(Object.keys(compose.services).sort()).toEqual(['haproxy', 'node', 'postgres', 'redis']);
    for (const [, one] of all) expect(Object.keys(one).filter((key) => !KEYS.includes(key))).toEqual([]);
    for (const [, one] of services) {
      expect(one.restart).toBe('unless-stopped');
      expect(one.logging).toMatchObject({ driver: 'json-file', options: { 'max-size': '10m' } });
      // "latest" would be another one each time.
      if (one.build === undefined) expect(one.image).toMatch(/:\d+(\.\d+)?-\w+$/);
    }
  });

  test('[DEPLOY4] every variable is an option of the server, of the proxy configuration or of the image', () => {
    for (const [name, { environment = {} }] of all) {
      expect(Object.keys(environment).filter((one) => !VARIABLES[name]?.includes(one))).toEqual([]);
    }
  });

  test('[DEPLOY4] files that are mounted are there; volumes, networks and services that are named are declared', () => {
    const named = new Set<string>();
    for (const [, { volumes = [], networks = [], depends_on = {} }] of services) {
      for (const [source = ''] of volumes.map((one) => one.split(':'))) {
        if (source.startsWith('./')) expect(existsSync(join(ROOT, source))).toBe(true);
        else named.add(source);
      }
      expect(networks.filter((one) => !(one in compose.networks))).toEqual([]);
      expect(Object.keys(depends_on).filter((one) => !(one in compose.services))).toEqual([]);
    }
    expect([...named].sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  test('[DEPLOY4] whoever waits for a healthy service waits for one with a health check', () => {
    const image = parseDockerfile(readProjectFile('Dockerfile')).at(-1);
    for (const [, { depends_on = {} }] of services) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        expect(condition).toBe('service_healthy');
        const { healthcheck, build } = service(name);
        const inImage = build === '.' && image !== undefined && argsOf(image, 'HEALTHCHECK').length === 1;
        expect(healthcheck !== undefined || inImage).toBe(true);
      }
    }
  });

  test('[DEPLOY5] passwords have no default: without them Compose refuses, and the example leaves them empty', () => {
    const uses = files.flatMap(substitutions);
    const inExample = new Map(
      [...example.matchAll(/^#?(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
    );
    for (const { name, required } of uses) {
      expect([...inExample.keys()]).toContain(name);
      if (name.endsWith('_PASSWORD')) {
        expect(required).toBe(true);
        expect(inExample.get(name)).toBe('');
      }
    }
    expect([...inExample.keys()].filter((name) => !uses.some((use) => use.name === name))).toEqual([]);
    expect(readProjectFile('.gitignore')).toMatch(/^\.env$/m);
  });

  test('[DEPLOY5] only the load balancer is reached from outside; Redis and PostgreSQL are where only nodes are', () => {
    const published = services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name);
    expect(published).toEqual(['haproxy']);
    expect(compose.networks.back?.internal).toBe(true);
    for (const name of ['redis', 'postgres']) expect(service(name).networks).toEqual(['back']);
    expect(service('node').networks).toEqual(['front', 'back']);
    expect(service('haproxy').networks).toEqual(['front']);
    for (const name of ['haproxy', 'node']) {
      expect(service(name)).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    }
  });

  test('[DEPLOY4] addresses name services and their ports', () => {
    const { COSCRIBE_STORE = '', COSCRIBE_REDIS_URL = '' } = service('node').environment ?? {};
    expect(new URL(filled(COSCRIBE_STORE))).toMatchObject({ hostname: 'postgres', port: '5432' });
    expect(new URL(filled(COSCRIBE_REDIS_URL))).toMatchObject({ hostname: 'redis', port: '6379' });
    const { POSTGRES_USER, POSTGRES_DB } = service('postgres').environment ?? {};
    expect(new URL(filled(COSCRIBE_STORE))).toMatchObject({
      username: POSTGRES_USER,
      pathname: `/${POSTGRES_DB}`,
    });
    const image = parseDockerfile(readProjectFile('Dockerfile')).at(-1);
    const [port] = image === undefined ? [] : argsOf(image, 'EXPOSE');
    expect(service('haproxy').environment?.COSCRIBE_NODES).toBe(`node:${port}`);
    // Published ports lead to where the configuration listens.
    for (const [one, variable] of [
      [service('haproxy'), 'COSCRIBE_PROXY_HTTP'],
      [tls.services.haproxy, 'COSCRIBE_PROXY_HTTPS'],
    ] as const) {
      const [, listens] = new RegExp(`presetenv ${variable} :(\\d+)`).exec(haproxyConfig) ?? [];
      expect(one?.ports?.map((each) => each.split(':').at(-1))).toEqual([listens]);
    }
  });

  test('[AUTH2] nodes let in by links unless .env says otherwise, and believe the load balancer about addresses', () => {
    const filledIn = Object.entries(service('node').environment ?? {}).map(([name, value]) => [
      name,
      filled(value),
    ]);
    const config = loadConfig([], Object.fromEntries(filledIn));
    expect(config).toMatchObject({ auth: 'links', openToAll: 'no', jwtKey: '', allowedOrigins: [] });
    // Docker's default-address-pools: https://docs.docker.com/engine/network/
    for (const range of ['172.16.0.0/12', '192.168.0.0/16']) expect(config.trustedProxies).toContain(range);
    for (const { env } of Object.values(OPTIONS).filter(({ env }) => /_(AUTH|JWT_\w+)$/.test(env))) {
      expect(service('node').environment?.[env]).toContain(`\${${env}:-`);
    }
  });

  test('[DEPLOY5] a node gets more time to stop than it takes at most', () => {
    const grace = /^(\d+)s$/.exec(service('node').stop_grace_period ?? '')?.[1];
    expect(Number(grace) * 1000).toBeGreaterThan(OPTIONS.stopTimeoutMs.default + 6_000);
  });
});
