import * as Y from 'yjs';
import { FollowingClient } from '../../bench/generator/following-client.js';
import { ServerProcess } from '../../bench/server-process.js';
import { SERVERS, type ServerUnderTest } from '../../bench/servers.js';
import type { OpenRequest } from '../../load/wire/protocol.js';
import { temporaryFolder } from './folder.js';
import { ROOT } from './project-files.js';

export const DOCUMENT = 'bench/notes';

export function serverNamed(name: string): ServerUnderTest {
  const server = SERVERS.find((one) => one.name === name);
  if (server === undefined) throw new Error(`the table has no server ${name}`);
  return server;
}

/** A row of the benchmark's table that runs, and the generator's clients of one test. */
export class Bench {
  private readonly clients: BenchClient[] = [];

  constructor(
    readonly server: ServerUnderTest,
    readonly process: ServerProcess,
  ) {}

  get url(): string {
    const { host, port } = this.process.address;
    return `http://${host}:${port}`;
  }

  /** A client that has joined. */
  async join(known?: OpenRequest['known'], document = DOCUMENT): Promise<BenchClient> {
    const client = new BenchClient(this, document, known);
    this.clients.push(client);
    await client.opened;
    return client;
  }

  close(): void {
    for (const client of this.clients) client.close();
  }
}

/** A client of the generator that follows with a real document. */
export class BenchClient extends FollowingClient {
  readonly doc: Y.Doc;
  /** Updates sent so far, each with its number as tag. */
  sent = 0;

  constructor({ server, process }: Bench, document: string, known?: OpenRequest['known']) {
    const doc = new Y.Doc();
    const request = { document, clientId: doc.clientID, ...(known === undefined ? {} : { known }) };
    super(server.protocol, process.address, request, (update) => Y.applyUpdate(doc, update, this));
    this.doc = doc;
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.sendUpdate(update, this.sent++);
    });
  }

  get text(): string {
    return this.doc.getText('text').toString();
  }

  type(words: string): void {
    const text = this.doc.getText('text');
    text.insert(text.length, words);
  }
}

export async function withBench(name: string, run: (bench: Bench) => Promise<void>): Promise<void> {
  const folder = temporaryFolder();
  const server = serverNamed(name);
  const process = new ServerProcess({ server, root: ROOT, dataDir: folder.path });
  const bench = new Bench(server, process);
  try {
    await process.start();
    await run(bench);
  } finally {
    bench.close();
    await process.kill();
    folder.remove();
  }
}
