import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, request } from 'node:https';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Server as SocketIoServer } from 'socket.io';
import { io as connect } from 'socket.io-client';
import { WebSocket, WebSocketServer } from 'ws';
import { Embedding, listenersOf } from '../../support/embedding.js';
import { readProjectFile } from '../../support/project-files.js';
import { ask, askForWebSocket, RawSocket } from '../../support/raw-http.js';
import { until } from '../../support/until.js';

let given: Embedding;
beforeEach(() => {
  given = new Embedding();
});
afterEach(() => given.end());

/** An application that answers whatever is asked, and says what. */
function application(): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.statusCode = request.url === '/missing' ? 404 : 200;
      response.end(`the application: ${request.method} ${request.url} ${Buffer.concat(chunks)}`);
    });
  });
}

const NOT_OURS = [
  '/',
  '/missing',
  '/socket.iox',
  '/socket',
  '/api/documents',
  '/healthz',
  '/admin',
  '/socket.io.js',
];

async function expectApplication(url: string): Promise<void> {
  for (const path of NOT_OURS) {
    const answer = await ask(url + path, { method: 'POST', body: 'words' });
    expect(answer.text).toBe(`the application: POST ${path} words`);
    expect(answer.status).toBe(path === '/missing' ? 404 : 200);
  }
}

describe('an HTTP server of an application', () => {
  test('[EMBED3] serves documents beside its own requests, which are not touched', async () => {
    const http = application();
    (await given.coscribe()).attach(http);
    const url = await given.listen(http);
    await given.twoWrite(url);
    await expectApplication(url);
  });

  test('[EMBED3] may listen already, have a path for it, and be one of several', async () => {
    const [one, two] = [application(), application()];
    const urls = [await given.listen(one), await given.listen(two)];
    const coscribe = await given.coscribe();
    for (const http of [one, two]) coscribe.attach(http, { path: '/live/documents' });
    const [first = '', second = ''] = urls;
    const path = '/live/documents';
    const here = await given.twoWrite(first, { path });
    // One document, whichever way in.
    const there = given.clients.connect(second, { path, document: here.document });
    await until(() => there.doc.getText('text').toString() === 'Hello, world', 'the same document');
    for (const url of urls) {
      await expectApplication(url);
      expect((await ask(`${url}/socket.io/?EIO=4&transport=polling`)).text).toContain('the application');
      expect((await ask(`${url}/live`)).text).toContain('the application');
    }
  });

  test('[EMBED3] with TLS serves documents, too', async () => {
    const tls = {
      key: readProjectFile('tests/support/tls/localhost-key.pem'),
      cert: readProjectFile('tests/support/tls/localhost.pem'),
    };
    const https = createTlsServer(tls, (_, response) => response.end('the application'));
    (await given.coscribe()).attach(https);
    const url = await given.listen(https, true);
    const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
      rejectUnauthorized: false,
    });
    const [hello] = (await once(socket, 'message')) as [Buffer];
    expect(hello.toString()).toMatch(/^0\{"sid"/);
    socket.terminate();
    expect(await fetchInsecurely(`${url}/`)).toBe('the application');
    expect(await fetchInsecurely(`${url}/`, { Connection: 'Upgrade', Upgrade: 'h2c' })).toBe(
      'the application',
    );
  });

  test('[EMBED4] keeps its own WebSockets, whether they came before or after', async () => {
    const http = application();
    const coscribe = await given.coscribe();
    const echo = (path: string) => {
      const sockets = new WebSocketServer({ server: http, path });
      sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`${path} ${data}`)));
      given.atEnd(() => sockets.close());
    };
    // `ws` refuses every upgrade that is for another path, so that an application has one such server, or looks itself.
    echo('/echo');
    coscribe.attach(http);
    const url = await given.listen(http);
    const talk = async (path: string): Promise<string> => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`);
      await once(socket, 'open');
      socket.send('hello');
      const [answer] = (await once(socket, 'message')) as [Buffer];
      socket.close();
      return answer.toString();
    };
    expect(await talk('/echo')).toBe('/echo hello');
    await given.twoWrite(url);
    expect((await askForWebSocket(`${url}/elsewhere`)).status).toBe(400);
    await coscribe.stop();
    expect(await talk('/echo')).toBe('/echo hello');
    await expectApplication(url);
  });

  test('[EMBED4] keeps its own Socket.IO server, with Coscribe under another path', async () => {
    const http = application();
    const io = new SocketIoServer(http);
    io.on('connection', (socket) => socket.on('double', (n: number, answer) => answer(2 * n)));
    const coscribe = await given.coscribe();
    coscribe.attach(http, { path: '/live' });
    const url = await given.listen(http);
    given.atEnd(() => io.close());
    const socket = connect(url, { transports: ['websocket'], forceNew: true });
    given.atEnd(() => socket.close());
    expect(await socket.emitWithAck('double', 21)).toBe(42);
    await given.twoWrite(url, { path: '/live' });
    await coscribe.stop();
    expect(await socket.emitWithAck('double', 4)).toBe(8);
    await expectApplication(url);
  });

  test('[EMBED3] keeps what is asked before a body is sent', async () => {
    const http = application();
    http.on('checkContinue', (_, response) => response.end('the application'));
    (await given.coscribe()).attach(http);
    const url = await given.listen(http);
    const headers = { Expect: '100-continue' };
    expect((await ask(`${url}/`, { headers })).text).toBe('the application');
    const ours = await ask(`${url}/socket.io/?EIO=4&transport=none`, { headers });
    expect([ours.status, ours.text]).toEqual([400, expect.stringContaining('Transport unknown')]);
  });

  test('[EMBED4] that knows no upgrades answers who asks for one as before', async () => {
    const http = application();
    const url = await given.listen(http);
    const before = await askForWebSocket(`${url}/elsewhere`);
    expect([before.status, before.text]).toEqual([200, 'the application: GET /elsewhere ']);
    const coscribe = await given.coscribe();
    coscribe.attach(http);
    const after = await askForWebSocket(`${url}/elsewhere`);
    expect([after.status, after.text]).toEqual([200, 'the application: GET /elsewhere ']);

    // As Java's HttpClient begins, and what follows over the same connection.
    const raw = await RawSocket.open(Number(new URL(url).port));
    const lines = [
      'Host: localhost',
      'Content-Length: 5',
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
    ];
    raw.send(
      `POST /java HTTP/1.1\r\n${lines.join('\r\n')}\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAA\r\n\r\nfi`,
    );
    raw.send('rst');
    await until(() => raw.received.includes('POST /java first'), 'the body came');
    raw.send('GET /again HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until(() => raw.received.includes('GET /again'), 'the connection is kept');
    raw.socket.destroy();
    await given.twoWrite(url);
  });

  test('[EMBED5] is let go of, and serves others, when Coscribe is stopped', async () => {
    const http = application();
    const url = await given.listen(http);
    const before = listenersOf(http);
    const { emit } = http;
    for (let round = 0; round < 2; round++) {
      const coscribe = await given.coscribe();
      coscribe.attach(http);
      coscribe.attach(http, { path: '/second' });
      await given.twoWrite(url);
      await given.twoWrite(url, { path: '/second' });
      expect(await coscribe.stop()).toBe(true);
      expect(await coscribe.stop()).toBe(true);
      expect(listenersOf(http)).toEqual(before);
      expect(http.emit).toBe(emit);
      expect(Object.hasOwn(http, 'emit')).toBe(false);
      expect(http.listening).toBe(true);
      await expectApplication(url);
      expect((await ask(`${url}/socket.io/?EIO=4&transport=polling`)).text).toContain('the application');
    }
  });

  test('[EMBED5] keeps what others have done to it meanwhile', async () => {
    const http = application();
    const seen: string[] = [];
    const watch = (name: string) => {
      const { emit } = http;
      http.emit = function (this: Server, ...event: unknown[]) {
        if (event[0] === 'request') seen.push(name);
        return Reflect.apply(emit, this, event) as boolean;
      };
    };
    watch('earlier');
    const coscribe = await given.coscribe();
    coscribe.attach(http);
    watch('later');
    const other = await given.coscribe();
    other.attach(http, { path: '/other' });
    const url = await given.listen(http);
    await coscribe.stop();
    await given.twoWrite(url, { path: '/other' });
    await other.stop();
    seen.length = 0;
    await ask(url);
    expect(seen).toEqual(['later', 'earlier']);
  });

  test('[EMBED5] of two Coscribes of one server each has its own documents, and ends alone', async () => {
    const http = application();
    const [one, two] = [await given.coscribe(), await given.coscribe()];
    one.attach(http, { path: '/one' });
    two.attach(http, { path: '/one/two' });
    const url = await given.listen(http);
    const first = await given.twoWrite(url, { path: '/one' });
    const second = given.clients.connect(url, { path: '/one/two', document: first.document });
    await until(() => second.synced, 'the other Coscribe is there');
    expect(second.doc.getText('text').toString()).toBe('');
    await one.stop();
    expect((await ask(`${url}/one/?EIO=4&transport=polling`)).text).toContain('the application');
    await given.twoWrite(url, { path: '/one/two' });
  });
});

async function fetchInsecurely(url: string, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { rejectUnauthorized: false, agent: false, headers }, async (incoming) => {
      let text = '';
      for await (const chunk of incoming) text += String(chunk);
      resolve(text);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
