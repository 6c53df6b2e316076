import type { Protocol } from './generator/protocol.js';
import { coscribe } from './generator/protocols/coscribe.js';
import { hocuspocus } from './generator/protocols/hocuspocus.js';
import { socketIoRelay } from './generator/protocols/socket-io-relay.js';
import { wsRelay } from './generator/protocols/ws-relay.js';
import { ySocketIo } from './generator/protocols/y-socket-io.js';
import { yWebsocket } from './generator/protocols/y-websocket.js';

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
  /**
   * Program and arguments, to be run in the project's root. It listens on 127.0.0.1.
   *
   * @param port 0 takes any free one
   */
  command(port: number, dataDir: string): readonly string[];
}

export const SERVERS: readonly ServerUnderTest[] = [
  {
    name: 'coscribe',
    label: 'Coscribe, SQLite',
    protocol: coscribe,
    durable: true,
    acknowledges: 'on disk',
    ...ours((dataDir) => `sqlite:${dataDir}/coscribe.db`),
  },
  {
    name: 'coscribe-memory',
    label: 'Coscribe, memory',
    protocol: coscribe,
    durable: false,
    acknowledges: 'in memory',
    ...ours(() => 'memory:'),
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
];

type Start = Pick<ServerUnderTest, 'ready' | 'command'>;

function ours(store: (dataDir: string) => string): Start & Pick<ServerUnderTest, 'packages'> {
  return {
    packages: [],
    ready: /Coscribe is ready/,
    command: (port, dataDir) => [
      process.execPath,
      'dist/server/main.js',
      '--host=127.0.0.1',
      `--port=${port}`,
      `--store=${store(dataDir)}`,
    ],
  };
}

/** A launcher in bench/peers/. */
function peer(name: string): Start {
  return {
    ready: /^listening \d+$/m,
    command: (port, dataDir) => [
      process.execPath,
      `bench/peers/${name}.mjs`,
      '--port',
      `${port}`,
      '--data',
      dataDir,
    ],
  };
}
