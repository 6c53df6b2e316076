import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createHttpApp, type HttpAppDeps, type Readiness } from '../../server/http/app.js';
import type { DocumentSummary, ListQuery } from '../../server/storage/store.js';
import { collectLog } from './collect-log.js';
import { temporaryFolder } from './folder.js';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

/** The HTTP app on a free port over a small made-up bundle; its dependencies can be changed between requests. */
export async function startHttpApp() {
  const folder = temporaryFolder();
  const publicDir = folder.file('public');
  writeBundle(publicDir);
  writeFileSync(folder.file('secret.js'), 'secret');
  const log = collectLog();
  const state = {
    readiness: 'ok' as Readiness,
    documents: [] as DocumentSummary[],
    queries: [] as ListQuery[],
    failure: undefined as Error | undefined,
  };
  const deps: HttpAppDeps = {
    async list(query) {
      state.queries.push(query);
      if (state.failure !== undefined) throw state.failure;
      return state.documents;
    },
    readiness: () => state.readiness,
    bus: () => 'none',
    metrics: { contentType: 'text/plain; version=0.0.4', text: async () => 'coscribe_documents_open 3\n' },
    publicDir,
    version: '1.2.3',
    log,
  };
  const server = createServer(createHttpApp(deps));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  /** Sends the path as it is: `fetch` would tidy it up first. */
  function ask(
    path: string,
    options: { method?: string; headers?: Record<string, string> } = {},
  ): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, path, agent: false, ...options }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const body = Buffer.concat(chunks);
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body,
            text: body.toString(),
          });
        });
      });
      outgoing.on('error', reject);
      outgoing.end();
    });
  }

  return {
    ask,
    state,
    log,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      folder.remove();
    },
  };
}

export const SCRIPT = 'export const answer = 42;\n'.repeat(20);

function writeBundle(publicDir: string): void {
  mkdirSync(`${publicDir}/assets`, { recursive: true });
  writeFileSync(`${publicDir}/home.html`, '<title>home</title>');
  writeFileSync(
    `${publicDir}/document.html`,
    '<title>{{name}}</title><h1 title="{{id}}">{{prefix}}{{name}}</h1>',
  );
  writeFileSync(`${publicDir}/error.html`, '<h1>{{title}}</h1><p>{{sentence}}</p><code>{{code}}</code>');
  writeFileSync(`${publicDir}/assets/home-AAAAAAAA.js`, SCRIPT);
  writeFileSync(`${publicDir}/assets/home-AAAAAAAA.js.gz`, gzipSync(SCRIPT));
  writeFileSync(`${publicDir}/assets/style-BBBBBBBB.css`, 'body{}');
  writeFileSync(`${publicDir}/assets/favicon-CCCCCCCC.svg`, '<svg/>');
  writeFileSync(`${publicDir}/assets/notes.txt`, 'not a part of the pages');
}
