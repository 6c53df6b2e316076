import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import { Server } from 'socket.io';
import { Manager, type Socket } from 'socket.io-client';
import type { Authenticator } from '../../../server/auth/access.js';
import { createCoscribe } from '../../../server/coscribe.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { textOf, type } from '../../support/clients.js';
import { Embedding } from '../../support/embedding.js';
import { temporaryFolder } from '../../support/folder.js';
import { OwnStore } from '../../support/own-store.js';
import { ask } from '../../support/raw-http.js';
import { until } from '../../support/until.js';

let given: Embedding;
beforeEach(() => {
  given = new Embedding();
});
afterEach(() => given.end());

/** The sessions of an application, and which workspaces its users may write in. */
class Sessions implements Authenticator {
  readonly #users = new Map<string, string>();
  readonly workspaces = new Map<string, string>();

  signIn(user: string): string {
    const session = `session-of-${user}`;
    this.#users.set(session, user);
    return session;
  }

  authenticate({ headers, token }: Parameters<Authenticator['authenticate']>[0]) {
    const session = /(?:^|; )session=([^;]*)/.exec(headers.cookie ?? '')?.[1] ?? token;
    const user = this.#users.get(session ?? '');
    return user === undefined ? {} : { user, name: user.toUpperCase() };
  }

  authorize({ user }: { readonly user?: string }, document: string) {
    const mayWrite = user !== undefined && document.startsWith(`${this.workspaces.get(user)}/`);
    return mayWrite ? 'editor' : 'none';
  }
}

/** Joins as a browser does that has the cookie of the application. */
async function joinWithCookie(url: string, document: string, cookie: string): Promise<unknown> {
  const manager = new Manager(url, { reconnection: false, extraHeaders: { cookie } });
  given.atEnd(() => manager._close());
  const socket: Socket = manager.socket(`/docs/${document}`, { auth: { protocol: 1 } });
  const refused = once(socket as unknown as NodeJS.EventEmitter, 'connect_error');
  const joined = socket.emitWithAck('join', { clientId: 7, clientKey: 'the key of number 7' });
  return Promise.race([joined, refused.then(([error]) => (error as { data: unknown }).data)]);
}

describe("an application's own users", () => {
  async function application(kind: 'http' | 'Socket.IO') {
    const sessions = new Sessions();
    sessions.workspaces.set('ada', 'team').set('bob', 'other');
    const coscribe = await given.coscribe({ authenticator: sessions });
    const app = express();
    app.use(coscribe.middleware);
    const http = createServer(app);
    if (kind === 'http') coscribe.attach(http);
    else {
      const io = new Server(http, { maxHttpBufferSize: 2 ** 21, cleanupEmptyChildNamespaces: true });
      given.atEnd(() => io.close());
      coscribe.attach(io);
    }
    return { coscribe, sessions, url: await given.listen(http) };
  }

  test.each(['http', 'Socket.IO'] as const)(
    '[EMBED10] are known by the cookie of its sessions, over %s',
    async (kind) => {
      const { sessions, url } = await application(kind);
      const [ada, bob] = ['ada', 'bob'].map((user) => `theme=dark; session=${sessions.signIn(user)}`);
      expect(await joinWithCookie(url, 'team/note', ada ?? '')).toMatchObject({
        ok: true,
        role: 'editor',
        user: { name: 'ADA' },
      });
      expect(await joinWithCookie(url, 'team/note', bob ?? '')).toMatchObject({ code: 'no-access' });
      expect(await joinWithCookie(url, 'team/note', 'session=made-up')).toMatchObject({ code: 'no-access' });
      const statusFor = async (cookie = '') =>
        (await ask(`${url}/api/documents/team/note`, { headers: { cookie } })).status;
      expect([await statusFor(ada), await statusFor(bob), await statusFor()]).toEqual([200, 404, 404]);
    },
  );

  test('[EMBED10] who may no longer do something is told at once when the application says so', async () => {
    const { coscribe, sessions, url } = await application('http');
    const provider = await given.twoWrite(url, { token: sessions.signIn('ada') });
    sessions.workspaces.delete('ada');
    await coscribe.accessChanged(provider.document);
    await until(() => provider.status === 'denied', 'she is out');
    expect(provider.error?.code).toBe('no-access');
    await expect(coscribe.accessChanged('no/such/name')).rejects.toThrow('A document is named');
  });
});

describe("an application's own store", () => {
  test('[EMBED2] keeps what is written, stays open when Coscribe is stopped, and serves the next one', async () => {
    const folder = temporaryFolder();
    given.atEnd(() => folder.remove());
    const http = createServer();
    const url = await given.listen(http);
    const store = new OwnStore(folder.file('store.jsonl'));
    const coscribe = await given.coscribe({ store });
    coscribe.attach(http);
    const provider = await given.twoWrite(url);
    await coscribe.stop();
    type(provider, '!');
    expect((await store.find(provider.document))?.head).toBeGreaterThan(0);
    await store.close();

    const reopened = new OwnStore(folder.file('store.jsonl'));
    given.atEnd(() => reopened.close());
    (await given.coscribe({ store: reopened })).attach(http);
    const later = given.clients.connect(url, { document: provider.document });
    await until(() => textOf(later) === 'Hello, world!', 'what was written meanwhile came, too');
    const author = await reopened.readAuthor(parseDocumentId(provider.document), provider.doc.clientID);
    expect(author).toBeDefined();
  });
});

describe('wrong use gets a sentence', () => {
  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a port', 3000],
    ['an Express application', express()],
    ['an address', 'http://localhost'],
  ])('[EMBED11] %s is no server', async (_, server) => {
    const coscribe = await given.coscribe();
    expect(() => coscribe.attach(server as never)).toThrow(/^attach\(\) takes a server of node:http/);
  });

  test('[EMBED11] a path that is taken or none, a path for a Socket.IO server, and a Coscribe that is stopped', async () => {
    const [one, two] = [await given.coscribe({ auth: 'links' }), await given.coscribe({ auth: 'links' })];
    const http = createServer();
    one.attach(http, { path: '/live' });
    expect(() => one.attach(http, { path: '/live' })).toThrow('already; give this one another path');
    expect(() => two.attach(http, { path: '/live' })).toThrow('already; give this one another path');
    for (const path of ['live', '/live/', '/', '', '/a b', '/a?b'])
      expect(() => two.attach(http, { path })).toThrow('is no path');
    const io = new Server(http, { maxHttpBufferSize: 2 ** 21, cleanupEmptyChildNamespaces: true });
    expect(() => two.attach(io, { path: '/live' })).toThrow('has its own path');
    await one.stop();
    expect(() => one.attach(http)).toThrow('has been stopped');
    two.attach(http, { path: '/live' });
  });

  test('[EMBED11] parts that are none', async () => {
    const start = (options: object) => createCoscribe({ store: 'memory:', ...options });
    await expect(start({ store: { append: () => [] } })).rejects.toThrow(
      /^store must be an address, as "sqlite:FILE", or a DocumentStore; this one has no open, create, remove/,
    );
    await expect(start({ store: 7 })).rejects.toThrow('not number');
    await expect(start({ authenticator: { authenticate: () => ({}) } })).rejects.toThrow('no authorize.');
    await expect(start({ authenticator: () => ({}) })).rejects.toThrow('not function');
    await expect(start({ prot: 80 })).rejects.toThrow('"prot" is not an option');
    await expect(start({ store: 'mysql://x' })).rejects.toThrow('store');
    await expect(start({ hooks: { onComit() {} } })).rejects.toThrow('"onComit" is no hook');
    await expect(start({ hookTimeoutMs: '5' })).rejects.toThrow('hookTimeoutMs must be a number');
    await expect(start({ log: console.log })).rejects.toThrow('log must be a Log');
    await expect(start({ log: console, logLevel: 'warn' })).rejects.toThrow('leave logLevel out');
    await expect(start({ logLevel: 'loud' })).rejects.toThrow('logLevel must be one of debug');
    await expect(start({ port: 80 })).rejects.toThrow('port is for a server of Coscribe');
    await expect(start({ webhooks: {} })).rejects.toThrow('webhooks must be an array');
    await expect(start({ webhooks: [{ docs: 'x' }] })).rejects.toThrow('Webhook 1 has no option "docs"');
    await expect(createCoscribe('memory:' as never)).rejects.toThrow('takes an object with options');
  });

  test('[EMBED11] options of its calls that are none change nothing', async () => {
    const coscribe = await given.coscribe();
    const http = createServer();
    expect(() => coscribe.attach(http, { pth: '/docs' } as never)).toThrow('attach() has no option "pth"');
    expect(() => coscribe.attach(http, 5 as never)).toThrow('attach() takes an object with options.');
    expect(http.listenerCount('upgrade')).toBe(0);
    const write = (options: object) =>
      coscribe.edit('acme/a', (doc) => doc.getText('text').insert(0, 'a'), options);
    await expect(write({ usr: 'ada' })).rejects.toThrow('edit() has no option "usr"');
    await expect(write({ create: 'no' })).rejects.toThrow('edit() has no option "create" of type string');
    const read = (options: object) => coscribe.read('acme/a', () => 0, options);
    await expect(read({ user: 'ada' })).rejects.toThrow(
      'read() has no option "user" of type string; its options are {"timeoutMs":"number"}.',
    );
    await expect(read({})).rejects.toThrow(
      'There is no document "acme/a"; edit() without "create: false" makes it.',
    );
    for (const of of [
      { usr: 'ada' },
      {},
      { user: '' },
      { user: 'ada', tokenId: 't' },
      { user: undefined },
      'ada',
    ])
      await expect(coscribe.revokeTokens(of as never)).rejects.toThrow(/^revokeTokens\(\) (takes|has no)/);
  });

  test('[EMBED11] a server that its owner closes first does not keep Coscribe from stopping', async () => {
    const http = createServer();
    const coscribe = await given.coscribe();
    coscribe.attach(http);
    await given.twoWrite(await given.listen(http));
    const closed = new Promise((resolve) => http.close(resolve));
    expect(await coscribe.stop()).toBe(true);
    await closed;
  });
});
