import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Clients, textOf, type } from './clients.js';
import { start } from './doc-run.js';
import { PATIENCE_MS } from './patience.js';
import { until } from './until.js';

const DOCUMENT = 'acme/notes';
/** On a machine that has much else to do. */
const MAX_START = PATIENCE_MS;
const LOOK_EVERY_MS = 50;

interface ServerBlock {
  readonly name: string;
  /** What it was compiled to. */
  readonly file: string;
  /** What has to be its `index.html`. */
  readonly index: string | undefined;
  /** The token that clients need. */
  readonly given: string;
}

/** Starts a server as a document shows it, on another port, and lets two people write. @returns what went wrong */
export async function checkServer({ name, file, index, given }: ServerBlock): Promise<string[]> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(dirname(file), 'serve-'));
  // Where documents say that it lies: beside the server, or in the folder that it serves.
  for (const place of ['.', 'public']) {
    mkdirSync(join(folder, place), { recursive: true });
    if (index !== undefined) writeFileSync(join(folder, place, 'index.html'), index);
  }
  const code = readFileSync(file, 'utf8');
  if (!code.includes('8080')) return [`${name}: a server has to listen on 8080`];
  writeFileSync(file, code.replaceAll('8080', String(port)));
  const running = start(folder, process.execPath, [file]);
  const clients = new Clients();
  let over = false;
  void running.ended.finally(() => {
    over = true;
  });
  try {
    await listens(port, () => over);
    const token = given === '' ? {} : { token: given };
    const [ann, bob] = [1, 2].map(() => clients.connect(url, { document: DOCUMENT, ...token }));
    if (ann === undefined || bob === undefined) throw new Error('nobody is there');
    await until(() => over || (ann.synced && bob.synced), 'both are in the document');
    if (over) throw new Error('the server has ended');
    const before = textOf(ann);
    type(ann, 'Hello');
    await until(() => textOf(bob) === `${before}Hello`, 'the one sees what the other wrote');
    await until(() => ann.unsavedChanges === 0, 'all is saved');
    if (index === undefined) return [];
    const page = await (await fetch(url)).text();
    return page === index ? [] : [`${name}: it does not answer with index.html`];
  } catch (error) {
    return [`${name}: ${String(error)}\n${running.output}`];
  } finally {
    clients.destroy();
    running.end();
    await running.ended;
  }
}

/** @throws Error if nobody listens in time, or will not any more */
async function listens(port: number, isOver: () => boolean): Promise<void> {
  const deadline = performance.now() + MAX_START;
  while (!(await takesConnections(port))) {
    if (isOver() || performance.now() > deadline) throw new Error('the server does not listen');
    await pause(LOOK_EVERY_MS);
  }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function freePort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
