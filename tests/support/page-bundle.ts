import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';

/** Bundles a TypeScript file for a page, with everything that it imports. */
export async function bundleForPage(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    sourcemap: 'inline',
    logLevel: 'silent',
  });
  return outputFiles.map(({ text }) => text).join('');
}

/** What a page server answers with: a path of the URL and its content. */
export interface ServedFile {
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface PageServer {
  /** `http://127.0.0.1:{port}` */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a few files on a free loopback port. */
export async function servePages(files: Readonly<Record<string, ServedFile>>): Promise<PageServer> {
  const server = createServer(({ url }, response) => {
    const file = files[new URL(url ?? '/', 'http://localhost').pathname];
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': file.type, ...file.headers }).end(file.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
