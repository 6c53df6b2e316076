import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SERVERS } from '../../bench/servers.js';
import { ROOT, readProjectFile } from '../support/project-files.js';

type Locked = Readonly<Record<string, { readonly version?: string }>>;

function lockedVersions(lock: string): Locked {
  return (JSON.parse(readProjectFile(lock)) as { packages: Locked }).packages;
}

describe('the servers under test', () => {
  test('[BENCH25] each has a name and a label of its own, and a program that is there', () => {
    expect(new Set(SERVERS.map(({ name }) => name)).size).toBe(SERVERS.length);
    expect(new Set(SERVERS.map(({ label }) => label)).size).toBe(SERVERS.length);
    for (const { command } of SERVERS) {
      const [program = '', file = '', ...rest] = command(1234, '/data', { redis: '', postgres: '' });
      expect(existsSync(program) && existsSync(join(ROOT, file))).toBe(true);
      expect(rest.join(' ')).toContain('1234');
    }
  });

  test('[BENCH25] what a row says of acknowledgements is what its protocol does', () => {
    for (const { name, protocol, acknowledges, durable } of SERVERS) {
      expect([name, protocol.acknowledges]).toEqual([name, acknowledges !== undefined]);
      if (acknowledges === 'on disk') expect(durable).toBe(true);
    }
  });

  test('[BENCH25] the versions that the report names are locked, and what peers share with us is the same version', () => {
    const ours = lockedVersions('package-lock.json');
    const theirs = lockedVersions('bench/package-lock.json');
    for (const name of SERVERS.flatMap(({ packages }) => packages)) {
      expect([name, theirs[`node_modules/${name}`]?.version]).toEqual([name, expect.any(String)]);
    }
    for (const name of ['yjs', 'y-protocols', 'lib0', 'socket.io', 'engine.io', 'ws']) {
      const path = `node_modules/${name}`;
      expect([name, theirs[path]?.version]).toEqual([name, ours[path]?.version]);
    }
  });
});
