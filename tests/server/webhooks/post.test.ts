import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Poster } from '../../../server/webhooks/post.js';
import { ManualClock } from '../../support/manual-clock.js';
import { until } from '../../support/until.js';
import { answer, WebhookReceiver } from '../../support/webhook-receiver.js';

const REQUEST = { headers: { 'x-test': 'yes' }, body: '{"document":"ä"}', timeoutMs: 1_000 };

let receiver: WebhookReceiver;
let clock: ManualClock;
let poster: Poster;
beforeEach(async () => {
  receiver = await WebhookReceiver.start();
  clock = new ManualClock();
  poster = new Poster(new URL(receiver.url), 2, clock);
});
afterEach(async () => {
  poster.close();
  await receiver.close();
});

test('[WEBHOOK3] requests go one after the other over one connection, and a password in the address goes along', async () => {
  for (let n = 0; n < 3; n++)
    expect(await poster.post(REQUEST)).toEqual({ status: 204, retryAfter: undefined });
  expect(receiver.connections).toBe(1);
  expect(receiver.received[0]?.body).toBe(REQUEST.body);
  expect(receiver.received[0]?.headers).toMatchObject({ 'x-test': 'yes', 'content-length': '17' });
  const { host } = new URL(receiver.url);
  const other = new Poster(new URL(`http://ada:s%20x@${host}/hook`), 1, clock);
  await other.post(REQUEST);
  other.close();
  const basic = Buffer.from('ada:s x').toString('base64');
  expect(receiver.received[3]?.headers.authorization).toBe(`Basic ${basic}`);
  // No timer is left behind.
  await until(() => clock.pending === 0, 'the timers are gone');
});

test('[WEBHOOK3] a redirect is an answer like others, and is not followed', async () => {
  for (const status of [301, 302, 307, 308]) {
    receiver.answer = answer(status, { location: receiver.url, 'retry-after': '7' });
    expect(await poster.post(REQUEST)).toEqual({ status, retryAfter: '7' });
  }
  expect(receiver.received).toHaveLength(4);
});

test('[WEBHOOK3] whoever does not answer, or not to the end, is left when the time is over', async () => {
  receiver.answer = () => {};
  const silent = poster.post(REQUEST);
  await receiver.has(1);
  clock.advance(999);
  expect(clock.pending).toBe(1);
  clock.advance(1);
  await expect(silent).rejects.toThrow('no answer within 1000 ms');

  let closed = false;
  receiver.answer = (response) => {
    response.once('close', () => {
      closed = true;
    });
    response.writeHead(200).write('slow');
  };
  // The status is all that counts.
  expect((await poster.post(REQUEST)).status).toBe(200);
  clock.advance(1_000);
  await until(() => closed, 'the connection is closed');
});

test('[WEBHOOK3] a long answer is not read to its end', async () => {
  let sent = 0;
  let closed = false;
  receiver.answer = (response) => {
    response.once('close', () => {
      closed = true;
    });
    const more = () => {
      while (!closed && sent < 1e9) {
        sent += 65_536;
        if (!response.write(Buffer.alloc(65_536))) return;
      }
    };
    response.writeHead(200);
    response.on('drain', more);
    more();
  };
  expect((await poster.post(REQUEST)).status).toBe(200);
  await until(() => closed, 'the connection is closed');
  // What the operating system takes by itself.
  expect(sent).toBeLessThan(50e6);
});

test('[WEBHOOK3] a connection that is cut, refused, or speaks something else is a failure', async () => {
  receiver.answer = (response) => response.destroy();
  await expect(poster.post(REQUEST)).rejects.toThrow(/socket hang up|ECONNRESET/);
  receiver.answer = (response) => {
    response.socket?.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n');
  };
  await expect(poster.post(REQUEST)).rejects.toThrow();
  receiver.answer = (response) => {
    response.socket?.end('nonsense\r\n\r\n');
  };
  await expect(poster.post(REQUEST)).rejects.toThrow(/Parse Error/);
  receiver.answer = (response) => {
    response.socket?.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
  };
  await expect(poster.post(REQUEST)).rejects.toThrow();
  const nobody = new Poster(new URL('http://127.0.0.1:1'), 1, clock);
  await expect(nobody.post(REQUEST)).rejects.toThrow(/ECONNREFUSED/);
});

test('[WEBHOOK3] a connection that was closed while nobody used it costs nothing', async () => {
  let broken = 0;
  receiver.answer = (response, _, request) => {
    if (broken === 0 && receiver.received.length > 1) {
      broken++;
      // As if it had been closed just before.
      request.socket.resetAndDestroy();
    } else response.writeHead(204).end();
  };
  await poster.post(REQUEST);
  await poster.post(REQUEST);
  expect(receiver.received).toHaveLength(3);
  expect(receiver.connections).toBe(2);
});

test('[WEBHOOK14] what is under way ends when it is closed', async () => {
  receiver.answer = () => {};
  const silent = poster.post(REQUEST);
  await receiver.has(1);
  poster.close();
  await expect(silent).rejects.toThrow();
  // Also on a connection that was used before.
  const other = new Poster(new URL(receiver.url), 1, clock);
  receiver.answer = answer(204);
  await other.post(REQUEST);
  receiver.answer = () => {};
  const again = other.post(REQUEST);
  await receiver.has(3);
  other.close();
  await expect(again).rejects.toThrow();
  expect(receiver.received).toHaveLength(3);
});
