import { describe, expect, test } from '@jest/globals';
import { checkFloors, FLOORS, INTERFACES } from '../support/floors.js';
import { readFiles, readProjectFile } from '../support/project-files.js';

const sources = readFiles(
  ['shared', 'server', 'contracts', 'client', 'tools', 'load', 'cli', 'bench'],
  '.ts',
);

/** Sources that hold the floors, to which each broken example adds or changes files. */
const SOUND: Record<string, string> = {
  'shared/ids.ts': "import * as Y from 'yjs';",
  'shared/index.ts': "export * from './ids.js';",
  'client/provider.ts': "import { io } from 'socket.io-client'; import type { Id } from '../shared/ids.js';",
  'client/app/editor.ts': "import { Provider } from '../provider.js';",
  'server/storage/store.ts': "import type { Id } from '../../shared/ids.js';",
  'server/storage/sqlite.ts': "import Database from 'libsql'; import type { Store } from './store.js';",
  'server/telemetry/log.ts': 'export interface Log {}',
  'server/documents/documents.ts': "import type { Store } from '../storage/store.js';",
  'server/gateway/gateway.ts': "import { Documents } from '../documents/documents.js';",
  'server/http/app.ts': "import { readFile } from 'node:fs/promises'; import { Hono } from 'hono';",
  'server/server.ts': "import './storage/sqlite.js'; import './gateway/gateway.js'; import './http/app.js';",
  'server/run-server.ts': "import { start } from './server.js';",
  'server/main.ts': "import { run } from './run-server.js';",
  'server/index.ts': "export { start } from './server.js';",
  'tools/replay/run.ts': "import { Provider } from '../../client/provider.js'; import 'node:process';",
};

const BROKEN: readonly [what: string, files: Record<string, string>, problem: string][] = [
  ['Node in shared/', { 'shared/a.ts': "import 'node:fs';" }, 'shared does not use the package node:'],
  ['a package in shared/', { 'shared/a.ts': "import 'ws';" }, 'shared does not use the package ws'],
  [
    'a scoped package',
    { 'server/auth/a.ts': "import '@x/y/z';" },
    'server/auth does not use the package @x/y',
  ],
  [
    'our own package',
    { 'client/a.ts': "import 'coscribe/shared';" },
    'client does not use the package coscribe',
  ],
  ['shared -> server', { 'shared/a.ts': "import '../server/main.js';" }, 'does not import server/main.ts'],
  [
    'client -> server',
    { 'client/a.ts': "import '../server/storage/store.js';" },
    'client does not import server',
  ],
  [
    'server -> client',
    { 'server/http/a.ts': "import '../../client/provider.js';" },
    'does not import client',
  ],
  [
    'client -> tools',
    { 'client/a.ts': "import '../tools/replay/run.js';" },
    'client does not import tools/replay/run.ts',
  ],
  [
    'tools -> server',
    { 'tools/a.ts': "import '../server/storage/store.js';" },
    'tools does not import server',
  ],
  [
    'contracts -> driver',
    { 'contracts/a.ts': "import '../server/storage/sqlite.js';" },
    'contracts does not import server/storage/sqlite.ts',
  ],
  ['library -> page', { 'client/a.ts': "import './app/editor.js';" }, 'client does not import client/app'],
  ['leaf -> driver', { 'server/auth/a.ts': "import '../storage/sqlite.js';" }, 'server/auth does not import'],
  [
    'leaf -> documents',
    { 'server/auth/a.ts': "import '../documents/documents.js';" },
    'server/auth does not',
  ],
  [
    'documents -> driver',
    { 'server/documents/a.ts': "import '../storage/sqlite.js';" },
    'documents does not',
  ],
  ['documents -> gateway', { 'server/documents/a.ts': "import '../gateway/gateway.js';" }, 'does not import'],
  ['gateway -> http', { 'server/gateway/a.ts': "import '../http/app.js';" }, 'gateway does not import'],
  [
    'documents -> wiring',
    { 'server/documents/a.ts': "import '../server.js';" },
    'does not import server/server.ts',
  ],
  [
    'wiring -> main',
    { 'server/server.ts': "import './run-server.js';", 'server/run-server.ts': '' },
    'server/run-server.ts, which lies above it',
  ],
  ['a barrel', { 'client/a.ts': "import '../shared/index.js';" }, 'imports the barrel shared/index.ts'],
  [
    'a driver as interface',
    { 'server/storage/store.ts': "import './a.js';", 'server/storage/a.ts': '' },
    'is an interface file',
  ],
  ['a package in an interface', { 'server/telemetry/log.ts': "import 'pino';" }, 'is an interface file'],
  ['a missing file', { 'shared/a.ts': "import './gone.js';" }, 'imports ./gone.js, which is no source file'],
  ['a way out', { 'shared/a.ts': "import '../dist/shared/ids.js';" }, 'which is no source file'],
  ['a file beside the floors', { 'server/odd.ts': '' }, 'server/odd.ts lies on no floor'],
  ['a type', { 'shared/a.ts': "import type { X } from 'ws';" }, 'package ws'],
  ['an inline type', { 'shared/a.ts': "type X = import('ws').X;" }, 'package ws'],
  ['a dynamic import', { 'shared/a.ts': "const x = await import('ws');" }, 'package ws'],
  ['a computed import', { 'shared/a.ts': 'const x = await import(name);' }, 'imports something computed'],
  ['a re-export', { 'shared/a.ts': "export { x } from 'ws';" }, 'package ws'],
  ['require', { 'shared/a.ts': "const x = require('ws');" }, 'package ws'],
  [
    'a worker',
    { 'server/auth/a.ts': "new Worker(new URL('../storage/sqlite.js', import.meta.url));" },
    'server/auth does not import server/storage/sqlite.ts',
  ],
  [
    'a worker, found by a helper',
    { 'server/auth/a.ts': "new Worker(workerFile(import.meta.url, '../storage/sqlite.js'));" },
    'server/auth does not import server/storage/sqlite.ts',
  ],
  [
    'a circle',
    {
      'shared/a.ts': "import './b.js';",
      'shared/b.ts': "import './c.js';",
      'shared/c.ts': "import './a.js';",
    },
    'circle: shared/a.ts -> shared/b.ts -> shared/c.ts -> shared/a.ts',
  ],
  [
    'a circle of types',
    { 'shared/a.ts': "import type { B } from './b.js';", 'shared/b.ts': "import type { A } from './a.js';" },
    'circle: shared/a.ts -> shared/b.ts -> shared/a.ts',
  ],
];

function check(files: Record<string, string>): string[] {
  return checkFloors(new Map(Object.entries({ ...SOUND, ...files })));
}

describe('floors', () => {
  test('[HOUSE1] imports go only down, and never in a circle', () => {
    expect(checkFloors(sources)).toEqual([]);
  });

  test('[HOUSE1] the check lets sound sources pass', () => {
    expect(check({})).toEqual([]);
  });

  test.each(BROKEN)('[HOUSE1] the check finds %s', (_, files, problem) => {
    const problems = check(files);
    expect(problems.join('\n')).toContain(problem);
    expect(problems).toHaveLength(1);
  });

  test('[HOUSE1] every interface file is there', () => {
    expect(INTERFACES.filter((path) => !sources.has(path))).toEqual([]);
  });

  test('[HOUSE2] every package that a floor may use is a dependency that is installed for users too', () => {
    const { dependencies, peerDependencies } = JSON.parse(readProjectFile('package.json')) as {
      dependencies: object;
      peerDependencies: object;
    };
    const installed = { ...dependencies, ...peerDependencies };
    const used = new Set(
      FLOORS.filter(({ published }) => published !== false)
        .flatMap(({ packages }) => packages)
        .filter((name) => name !== 'node:'),
    );
    expect([...used].filter((name) => !Object.hasOwn(installed, name))).toEqual([]);
  });
});
