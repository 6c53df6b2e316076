import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fillPage, loadPublicFiles } from '../../server/http/public-files.js';
import { SECURITY_HEADERS } from '../../server/http/security-headers.js';
import type { AdminDocument, AdminOverview } from '../../shared/admin.js';
import { CoscribeError, type ErrorCode } from '../../shared/errors.js';
import { ROOT } from './project-files.js';

/** The operators' page over an API that says what a test wants it to say. */
export async function scriptedAdmin() {
  const files = loadPublicFiles(join(ROOT, 'dist/public'), join(ROOT, 'dist/browser'));
  const streams = new Set<ServerResponse>();
  const state = {
    /** Whoever brings no such token is refused. */
    token: undefined as string | undefined,
    /** How the stream is refused, if it is. */
    refusal: undefined as ErrorCode | undefined,
    document: undefined as AdminDocument | undefined,
    asked: [] as string[],
    opened: 0,
  };
  const refuse = (response: ServerResponse, error: CoscribeError): void => {
    const { code, message, retryable } = error;
    response.writeHead(error.status, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ code, detail: message, retryable }));
  };
  const stream = (response: ServerResponse): void => {
    state.opened++;
    if (state.refusal !== undefined) {
      refuse(response, new CoscribeError(state.refusal));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': here\n\n');
    streams.add(response);
    response.on('close', () => streams.delete(response));
  };
  const server = createServer(({ url = '/', method, headers }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const asset = files.assets.get(pathname.replace('/assets/', ''));
    if (pathname === '/admin')
      response
        .setHeader('content-type', 'text/html; charset=utf-8')
        .end(fillPage(files.admin, { mode: 'open' }));
    else if (asset !== undefined) response.setHeader('content-type', asset.type).end(asset.body);
    else if (!pathname.startsWith('/api/admin')) response.writeHead(404).end();
    else if (state.token !== undefined && headers.authorization !== `Bearer ${state.token}`)
      refuse(response, new CoscribeError(headers.authorization ? 'not-allowed' : 'unauthenticated'));
    else if (pathname === '/api/admin/events') stream(response);
    else {
      state.asked.push(`${method} ${url}`);
      if (method !== 'GET') response.writeHead(204).end();
      else if (state.document === undefined) refuse(response, new CoscribeError('no-access'));
      else response.setHeader('content-type', 'application/json').end(JSON.stringify(state.document));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    state,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/admin`,
    /** How many look on. */
    watchers: () => streams.size,
    tell(said: AdminOverview): void {
      for (const response of streams) response.write(`event: overview\ndata: ${JSON.stringify(said)}\n\n`);
    },
    /** Ends all streams, as a node does that goes. */
    cut(): void {
      for (const response of streams) response.destroy();
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type ScriptedAdmin = Awaited<ReturnType<typeof scriptedAdmin>>;
