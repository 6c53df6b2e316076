import { findCycles, packageOf, readImports, type Sources } from './imports.js';

interface Floor {
  readonly name: string;
  /** Which files lie on it: beginnings of their paths. The first floor that fits is the floor of a file. */
  readonly files: readonly string[];
  /** What its files may import besides one another: beginnings of paths. */
  readonly imports: readonly string[];
  /** The packages that its files may import; `node:` are Node's own modules. */
  readonly packages: readonly string[];
  /** `false` for what stays at home: it may use what only developers install. */
  readonly published?: false;
}

/**
 * What users of a leaf of the server may import: the file that describes it, never one that does the work. These
 * files themselves import `shared/` and one another at most, and name the types that documents are made of.
 */
export const INTERFACES: readonly string[] = [
  'server/auth/access.ts',
  'server/cluster/bus.ts',
  'server/hooks/hooks.ts',
  'server/storage/access-store.ts',
  'server/storage/delivery-store.ts',
  'server/storage/receipts.ts',
  'server/storage/store.ts',
  'server/telemetry/audit.ts',
  'server/telemetry/counters.ts',
  'server/telemetry/edit-traces.ts',
  'server/telemetry/figures.ts',
  'server/telemetry/log.ts',
  'server/telemetry/node-sources.ts',
  'server/workers/copy-work.ts',
  'server/workers/crdt-work.ts',
];

/** What one leaf of the server may use of another one: small files without state. */
const LEAF_HELPERS: readonly string[] = [
  'server/auth/jwt-algorithms.ts',
  'server/config/config-error.ts',
  'server/webhooks/hook-forms.ts',
  'server/workers/worker-file.ts',
  'server/workers/shared-bytes.ts',
];

const CRDT = ['yjs', 'y-protocols', 'lib0'];

function leaf(name: string, packages: readonly string[]): Floor {
  return {
    name: `server/${name}`,
    files: [`server/${name}/`],
    imports: ['shared/', ...INTERFACES, ...LEAF_HELPERS],
    packages: ['node:', ...packages],
  };
}

/** The floors of docs/ARCHITECTURE.md. */
export const FLOORS: readonly Floor[] = [
  { name: 'shared', files: ['shared/'], imports: [], packages: CRDT },
  {
    name: 'client/app',
    files: ['client/app/'],
    imports: ['shared/', 'client/'],
    packages: [...CRDT, 'socket.io-client', 'uplot'],
    // Its bundles are published, with all that they need in them.
    published: false,
  },
  {
    name: 'client',
    files: ['client/'],
    imports: ['shared/'],
    packages: [...CRDT, 'idb', 'socket.io-client'],
  },
  leaf('config', []),
  leaf('auth', ['jose']),
  leaf('storage', ['libsql', 'pg']),
  leaf('cluster', ['redis', '@socket.io/redis-adapter', 'socket.io', 'lib0']),
  leaf('edge', []),
  leaf('hooks', CRDT),
  leaf('telemetry', [
    'pino',
    'pino-pretty',
    'prom-client',
    '@opentelemetry/api',
    '@opentelemetry/sdk-trace-base',
    '@opentelemetry/resources',
    '@opentelemetry/exporter-trace-otlp-http',
  ]),
  leaf('webhooks', []),
  leaf('workers', CRDT),
  {
    name: 'server/documents',
    files: ['server/documents/'],
    imports: ['shared/', ...INTERFACES],
    packages: ['node:', ...CRDT],
  },
  {
    name: 'server/copies',
    files: ['server/copies/'],
    imports: ['shared/', 'server/documents/', ...INTERFACES],
    packages: ['node:', ...CRDT],
  },
  {
    name: 'server/gateway',
    files: ['server/gateway/'],
    imports: ['shared/', 'server/documents/', 'server/copies/copies.ts', 'server/edge/', ...INTERFACES],
    packages: ['node:', 'socket.io', 'socket.io-parser', 'ws', ...CRDT],
  },
  {
    name: 'server/http',
    files: ['server/http/'],
    imports: [
      'shared/',
      'server/admin/',
      'server/documents/',
      'server/copies/copies.ts',
      'server/edge/',
      ...INTERFACES,
    ],
    packages: ['node:', 'hono', '@hono/node-server', 'yauzl', 'yazl', 'lib0'],
  },
  {
    // What operators see and do, on this node and, over the bus, on the others.
    name: 'server/admin',
    files: ['server/admin/'],
    imports: ['shared/', 'server/documents/', ...INTERFACES],
    packages: ['node:', ...CRDT],
  },
  {
    name: 'server/server.ts',
    files: [
      'server/server.ts',
      'server/coscribe.ts',
      'server/attach.ts',
      'server/node.ts',
      'server/within.ts',
      'server/held.ts',
      'server/choose-access.ts',
      'server/check-parts.ts',
    ],
    imports: ['shared/', 'server/'],
    packages: ['node:', 'socket.io', 'hono', '@hono/node-server', 'yjs'],
  },
  {
    name: 'server/main.ts',
    files: ['server/main.ts', 'server/run-server.ts'],
    imports: ['shared/', 'server/'],
    packages: ['node:'],
  },
  { name: 'server/index.ts', files: ['server/index.ts'], imports: ['shared/', 'server/'], packages: [] },
  {
    // Published for authors of stores: it knows what a store is, and none of ours.
    name: 'contracts',
    files: ['contracts/'],
    imports: [
      'shared/',
      'server/storage/store.ts',
      'server/storage/access-store.ts',
      'server/storage/delivery-store.ts',
      'server/storage/receipts.ts',
    ],
    packages: ['node:'],
  },
  // Programs that use the client and the server from outside; nothing imports them.
  { name: 'tools', files: ['tools/'], imports: ['shared/', 'client/'], packages: ['node:', ...CRDT] },
  {
    // The page of a report, bundled when the package is built.
    name: 'load/page',
    files: ['load/page/'],
    imports: ['load/result.ts', 'load/messages.ts'],
    packages: ['uplot'],
    published: false,
  },
  {
    // Drives servers from outside, ours and others.
    name: 'load',
    files: ['load/'],
    imports: ['shared/', 'tools/'],
    packages: ['node:', 'hdr-histogram-js', ...CRDT],
  },
  {
    name: 'cli',
    files: ['cli/'],
    imports: ['shared/', 'server/', 'tools/', 'load/'],
    packages: ['node:', 'jose', 'libsql', 'pg', ...CRDT],
  },
  {
    // Uses the client and the server from outside, like `tools/`.
    name: 'bench/page',
    files: ['bench/page/'],
    imports: ['shared/', 'client/', 'tools/'],
    packages: ['node:', 'playwright-core', ...CRDT],
    published: false,
  },
  {
    name: 'bench',
    files: ['bench/'],
    imports: ['shared/', 'tools/', 'load/'],
    packages: ['node:', 'hdr-histogram-js', ...CRDT],
    published: false,
  },
];

/** Files on top, which nothing below imports, with what may import them. */
const ROOFS: ReadonlyMap<string, readonly string[]> = new Map([
  ['server/server.ts', ['server/run-server.ts', 'server/index.ts']],
  ['server/run-server.ts', ['server/main.ts', 'cli/main.ts', 'cli/commands/start.ts']],
  ['server/main.ts', []],
  // The file for `<script>` tags is made of what everybody else gets.
  ['client/index.ts', ['client/browser.ts']],
  ['client/browser.ts', []],
]);

/** One sentence for everything in the sources that breaks the floors; empty if nothing does. */
export function checkFloors(sources: Sources): string[] {
  const imports = readImports(sources);
  const problems: string[] = findCycles(imports);
  for (const path of sources.keys()) if (!floorOf(path)) problems.push(`${path} lies on no floor`);

  for (const { from, specifier, file } of imports) {
    const floor = floorOf(from);
    if (!floor) continue;
    if (specifier === undefined) problems.push(`${from} imports something computed`);
    else if (!specifier.startsWith('.')) {
      const name = packageOf(specifier);
      if (!floor.packages.includes(name))
        problems.push(`${from}: ${floor.name} does not use the package ${name}`);
      else if (INTERFACES.includes(from) && name !== 'yjs')
        problems.push(`${from} is an interface file and needs no package`);
    } else if (!file) problems.push(`${from} imports ${specifier}, which is no source file`);
    else problems.push(...checkFile(from, floor, file));
  }
  return problems;
}

function floorOf(path: string): Floor | undefined {
  return FLOORS.find(({ files }) => files.some((start) => path.startsWith(start)));
}

function checkFile(from: string, floor: Floor, file: string): string[] {
  const allowed = floorOf(file) === floor || floor.imports.some((start) => file.startsWith(start));
  if (!allowed) return [`${from}: ${floor.name} does not import ${file}`];
  const isAllowedRoof = ROOFS.get(file)?.includes(from);
  if (file.endsWith('/index.ts') && !isAllowedRoof) return [`${from} imports the barrel ${file}`];
  if (isAllowedRoof === false) return [`${from} imports ${file}, which lies above it`];
  if (INTERFACES.includes(from) && !file.startsWith('shared/') && !INTERFACES.includes(file)) {
    return [`${from} is an interface file and imports ${file}`];
  }
  return [];
}
