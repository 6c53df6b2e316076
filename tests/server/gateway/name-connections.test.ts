import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type GatewayServer, startGateway } from '../../support/gateway-server.js';

let server: GatewayServer;

beforeEach(async () => {
  server = await startGateway();
});

afterEach(() => server.stop());

const HANDSHAKE = '/socket.io/?EIO=4&transport=';

async function poll(query = ''): Promise<{ header: string | null; text: string }> {
  const answer = await fetch(`${server.url}${HANDSHAKE}polling${query}`);
  return { header: answer.headers.get('coscribe-connection'), text: await answer.text() };
}

test('[DEPLOY8] the answer to a polling handshake names the connection in a header, and no later answer does', async () => {
  const [one, two] = [await poll(), await poll()];
  for (const { header, text } of [one, two]) {
    expect(JSON.parse(text.slice(1))).toMatchObject({ sid: header });
    // Engine.IO's own: eleven bytes of chance and a count. Whoever guessed it could act for its client.
    expect(header).toMatch(/^[\w-]{20}$/);
  }
  expect(one.header).not.toBe(two.header);
  const post = await fetch(`${server.url}${HANDSHAKE}polling&sid=${one.header}`, {
    method: 'POST',
    body: '40/docs/acme/notes,{"protocol":1}',
  });
  expect(post.status).toBe(200);
  expect(post.headers.get('coscribe-connection')).toBeNull();
  expect((await poll(`&sid=${one.header}`)).header).toBeNull();
});

test('[DEPLOY8] a WebSocket has no later requests, and is not named', async () => {
  const headers = await new Promise<object>((resolve, reject) => {
    const upgrade = request(`${server.url}${HANDSHAKE}websocket`, {
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
      },
    });
    upgrade.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response.headers);
    });
    upgrade.on('error', reject);
    upgrade.end();
  });
  expect(headers).toHaveProperty('sec-websocket-accept');
  expect(headers).not.toHaveProperty('coscribe-connection');
});
