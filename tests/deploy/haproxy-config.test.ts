import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { selfSigned } from '../support/certificate.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { ROOT, readProjectFile } from '../support/project-files.js';

const FILE = join(ROOT, 'deploy/haproxy.cfg');
const config = readProjectFile('deploy/haproxy.cfg');

let folder: TemporaryFolder;

beforeAll(() => {
  folder = temporaryFolder();
  const { certificate, key } = selfSigned();
  writeFileSync(folder.file('coscribe.pem'), certificate + key);
});

afterAll(() => folder.remove());

/** @returns what `haproxy -c` complains about */
function problems(file: string, env: Record<string, string> = {}): string {
  const { status, stderr } = spawnSync(process.env.HAPROXY || 'haproxy', ['-c', '-f', file], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
  });
  const complaints = stderr.split('\n').filter((line) => /ALERT|WARNING/.test(line));
  return [...(status === 0 ? [] : [`exit code ${status}`]), ...complaints].join('\n');
}

describe('deploy/haproxy.cfg', () => {
  const CASES: readonly [what: string, env: () => Record<string, string>][] = [
    ['nothing given', () => ({})],
    ['nodes by name, as in docker-compose.yml', () => ({ COSCRIBE_NODES: 'node:8080' })],
    ['TLS', () => ({ COSCRIBE_NODES: 'node:8080', COSCRIBE_PROXY_CERT: folder.file('coscribe.pem') })],
    [
      'the admin socket and the statistics page',
      () => ({
        COSCRIBE_PROXY_ADMIN: folder.file('admin.sock'),
        COSCRIBE_PROXY_STATS: '127.0.0.1:8404',
      }),
    ],
  ];

  test.each(CASES)('[DEPLOY6] is valid with %s, without a warning', (_, env) => {
    expect(problems(FILE, env())).toBe('');
  });

  test('[DEPLOY6] is valid with fixed addresses, written where its comment says', () => {
    const fixed = config
      .replace(/^( *)# (server node\d \S+)$/gm, '$1$2')
      .replace(/^ *server-template .* disabled$/m, '');
    expect(fixed.match(/^ *server node\d/gm)).toHaveLength(2);
    const file = folder.file('fixed.cfg');
    writeFileSync(file, fixed);
    expect(problems(file)).toBe('');
  });

  test('[DEPLOY6] a mistake in it is found', () => {
    const file = folder.file('broken.cfg');
    writeFileSync(file, config.replace('option persist', 'option persists'));
    expect(problems(file)).toContain('persists');
  });

  test('[DEPLOY6] every variable in it is explained at its beginning', () => {
    const head = config.slice(0, config.indexOf('global'));
    for (const [name] of config.matchAll(/COSCRIBE_\w+/g)) expect(head).toContain(`#   ${name} `);
  });

  test('[DEPLOY6] it waits longer for clients and nodes than the server does for a client', () => {
    const gateway = readProjectFile('server/gateway/socket-io-gateway.ts');
    const [interval = 0, patience = 0] = ['pingInterval', 'pingTimeout'].map((name) =>
      Number(new RegExp(`${name}: (\\d+)_000`).exec(gateway)?.[1]),
    );
    for (const name of ['client', 'server']) {
      const [, seconds] = new RegExp(`^ *timeout ${name} (\\d+)s$`, 'm').exec(config) ?? [];
      expect(Number(seconds)).toBeGreaterThan(interval + patience);
    }
    expect(config).toMatch(/^ *timeout tunnel 1h$/m);
  });
});
