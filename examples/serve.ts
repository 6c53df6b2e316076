/**
 * Serves the examples and their documents at one address, as a program of your own would: a plain HTTP server that answers
 * with files, and Coscribe attached to it, with its HTTP API for those who only follow.
 *
 * An example with a `server.ts` of its own exports from it `serve(coscribe)`, which is called once.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { type Coscribe, createCoscribe, createLog } from 'coscribe/server';

/** What an example does on the server. */
export interface ExampleServer {
  serve(coscribe: Coscribe): { stop(): void | Promise<void> };
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
};

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8090' },
    store: { type: 'string', default: 'sqlite:./data/examples.db' },
  },
});
const here = import.meta.dirname;
const pages = join(here, 'pages');
const log = createLog({ level: 'info' });

// What is not among these does not exist, so that no path leads out of the folder.
const files = new Set(
  readdirSync(pages, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(pages, name)).isFile())
    .map((name) => `/${name.split(sep).join('/')}`),
);
const http = createServer((request, response) => {
  if (request.url?.startsWith('/api/')) {
    coscribe.middleware(request, response);
    return;
  }
  const { url = '/' } = request;
  const { pathname, search } = new URL(url, 'http://localhost');
  const name = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
  if (files.has(`${name}/index.html`)) response.writeHead(308, { location: `${name}/${search}` }).end();
  else if (!files.has(name)) response.writeHead(404).end('There is no such page.');
  else
    response
      .writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' })
      .end(readFileSync(join(pages, name)));
});

const coscribe = await createCoscribe({ store: values.store, log });
coscribe.attach(http);
const served = await Promise.all(
  readdirSync(here)
    .map((name) => join(here, name, 'server.js'))
    .filter((path) => existsSync(path))
    .map(async (path) => ((await import(path)) as ExampleServer).serve(coscribe)),
);
await new Promise<void>((resolve, reject) => {
  http.once('error', reject);
  http.listen(Number(values.port), '127.0.0.1', resolve);
});
const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
log.info({ url }, `The examples are at ${url}`);

async function stop(): Promise<void> {
  await Promise.all(served.map((one) => one.stop()));
  await coscribe.stop();
  http.close();
  http.closeAllConnections();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
