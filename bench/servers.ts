import { coscribe } from '../load/wire/coscribe.js';
import { hocuspocus } from '../load/wire/hocuspocus.js';
import type { Protocol } from '../load/wire/protocol.js';
import { ySocketIo } from '../load/wire/y-socket-io.js';
import { coscribeYjs, yWebsocket } from '../load/wire/y-websocket.js';
import { socketIoRelay } from './generator/protocols/socket-io-relay.js';
import { wsRelay } from './generator/protocols/ws-relay.js';

/** What nodes share, each in a process of its own. */
export type Service = 'redis' | 'postgres';

/** Where the services are; empty for one that a server does not use. */
export type ServiceUrls = Readonly<Record<Service, string>>;

/** One row of the report: a server, how it is started and how it is spoken to. */
export interface ServerUnderTest {
  readonly name: string;
  /** What the report calls it. */
  readonly label: string;
  readonly protocol: Protocol;
  /** Whether it writes documents to disk, under the folder that it is given. */
  readonly durable: boolean;
  /** What its acknowledgement of an edit says of the edit; absent if it has none. */
  readonly acknowledges?: 'on disk' | 'in memory';
  /** Packages whose versions the report names; none for our own server. */
  readonly packages: readonly string[];
  /** What its standard output holds once it listens. */
  readonly ready: RegExp;
  /** What its nodes share; it runs as several nodes. Absent: it runs alone. */
  readonly services?: readonly Service[];
  /**
   * Program and arguments, to be run in the project's root. It listens on 127.0.0.1.
   *
   * @param port 0 takes any free one
   */
  command(port: number, dataDir: string, urls: ServiceUrls): readonly string[];
}

export const SERVERS: readonly ServerUnderTest[] = [
  {
    name: 'coscribe',
    label: 'Coscribe, SQLite',
    protocol: coscribe,
    durable: true,
    acknowledges: 'on disk',
    ...ours((dataDir) => [`--store=sqlite:${dataDir}/coscribe.db`]),
  },
  {
    name: 'coscribe-memory',
    label: 'Coscribe, memory',
    protocol: coscribe,
    durable: false,
    acknowledges: 'in memory',
    ...ours(() => ['--store=memory:']),
  },
  {
    name: 'coscribe-yjs',
    label: "Coscribe, SQLite, y-websocket's clients",
    protocol: coscribeYjs,
    durable: true,
    ...ours((dataDir) => [`--store=sqlite:${dataDir}/coscribe.db`]),
  },
  {
    name: 'hocuspocus-sqlite',
    label: 'Hocuspocus, SQLite',
    protocol: hocuspocus,
    durable: true,
    acknowledges: 'in memory',
    packages: ['@hocuspocus/server', '@hocuspocus/extension-sqlite', 'better-sqlite3'],
    ...peer('hocuspocus-sqlite'),
  },
  {
    name: 'hocuspocus',
    label: 'Hocuspocus, no store',
    protocol: hocuspocus,
    durable: false,
    acknowledges: 'in memory',
    packages: ['@hocuspocus/server'],
    ...peer('hocuspocus'),
  },
  {
    name: 'y-websocket',
    label: 'y-websocket, LevelDB',
    protocol: yWebsocket,
    durable: true,
    packages: ['y-websocket', 'y-leveldb'],
    ...peer('y-websocket'),
  },
  {
    name: 'y-socket-io',
    label: 'y-socket.io, LevelDB',
    protocol: ySocketIo,
    durable: true,
    packages: ['y-socket.io', 'socket.io', 'y-leveldb'],
    ...peer('y-socket-io'),
  },
  {
    name: 'socket-io-relay',
    label: 'raw Socket.IO relay',
    protocol: socketIoRelay,
    durable: false,
    packages: ['socket.io'],
    ...peer('socket-io-relay'),
  },
  {
    name: 'ws-relay',
    label: 'raw ws relay',
    protocol: wsRelay,
    durable: false,
    packages: ['ws'],
    ...peer('ws-relay'),
  },
  {
    name: 'coscribe-cluster',
    label: 'Coscribe × 2, PostgreSQL',
    protocol: coscribe,
    durable: true,
    acknowledges: 'on disk',
    services: ['redis', 'postgres'],
    ...ours((_dataDir, { redis, postgres }) => [`--store=${postgres}`, `--redis-url=${redis}`]),
  },
  {
    name: 'hocuspocus-redis',
    label: 'Hocuspocus × 2, no store',
    protocol: hocuspocus,
    durable: false,
    acknowledges: 'in memory',
    services: ['redis'],
    packages: ['@hocuspocus/server', '@hocuspocus/extension-redis'],
    ...peer('hocuspocus-redis'),
  },
  {
    name: 'hocuspocus-redis-postgres',
    label: 'Hocuspocus × 2, PostgreSQL',
    protocol: hocuspocus,
    durable: true,
    acknowledges: 'in memory',
    services: ['redis', 'postgres'],
    packages: ['@hocuspocus/server', '@hocuspocus/extension-redis', '@hocuspocus/extension-database', 'pg'],
    ...peer('hocuspocus-redis-postgres'),
  },
  {
    name: 'socket-io-sharded',
    label: 'Socket.IO × 2, sharded',
    protocol: socketIoRelay,
    durable: false,
    services: ['redis'],
    packages: ['socket.io', '@socket.io/redis-adapter', 'redis'],
    ...peer('socket-io-sharded'),
  },
  {
    name: 'socket-io-classic',
    label: 'Socket.IO × 2, classic',
    protocol: socketIoRelay,
    durable: false,
    services: ['redis'],
    packages: ['socket.io', '@socket.io/redis-adapter', 'redis'],
    ...peer('socket-io-classic'),
  },
];

type Start = Pick<ServerUnderTest, 'ready' | 'command'>;

function ours(
  options: (dataDir: string, urls: ServiceUrls) => readonly string[],
): Start & Pick<ServerUnderTest, 'packages'> {
  return {
    packages: [],
    ready: /Coscribe is ready/,
    command: (port, dataDir, urls) => [
      process.execPath,
      'dist/server/main.js',
      '--host=127.0.0.1',
      `--port=${port}`,
      ...options(dataDir, urls),
    ],
  };
}

/** A launcher in bench/peers/. */
function peer(name: string): Start {
  return {
    ready: /^listening \d+$/m,
    command: (port, dataDir, urls) => [
      process.execPath,
      `bench/peers/${name}.mjs`,
      ...['--port', `${port}`, '--data', dataDir],
      ...Object.entries(urls).flatMap(([service, url]) => (url === '' ? [] : [`--${service}`, url])),
    ],
  };
}
