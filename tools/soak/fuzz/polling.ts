import { protocolShot } from './protocol-shots.js';
import { connect, type Ground, join, type Shot } from './shots.js';

const SEPARATOR = '\u001e';
/** Engine.IO's packet that ends a connection. */
const CLOSE = '1';
const MOST_AT_ONCE = 30;
const PATIENCE_MS = 5_000;

/**
 * A connection over the polling transport: it joins the document, sends messages in one request, and goes.
 *
 * @returns how many messages were read for certain
 */
export async function pollOnce(port: number, ground: Ground): Promise<number> {
  const { dice } = ground;
  const url = `http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`;
  try {
    const handshake = await ask(url);
    const sid = /"sid":"([^"]+)"/.exec(handshake)?.[1];
    if (sid === undefined) return 0;
    const own = `${url}&sid=${sid}`;
    await ask(own, payload([connect(ground)]));
    // The answer to that; what is sent to a namespace before it ends the connection.
    await ask(own);
    const shots = Array.from({ length: dice.between(1, MOST_AT_ONCE) }, () => protocolShot(ground));
    const answer = await ask(own, payload([join(ground), ...shots]));
    if (answer !== 'ok') return 1;
    await ask(own);
    // Now and then it is left to the server to find out that nobody is there any more.
    if (dice.chance(0.95)) await ask(own, CLOSE);
    return shots.length;
  } catch {
    // Refused, cut off, or left waiting: all of it is the server's right.
    return 0;
  }
}

/** Packets as the polling transport has them: bytes in base64. */
function payload(shots: readonly Shot[]): string {
  return shots
    .flat()
    .map((part) => (typeof part === 'string' ? part : `b${Buffer.from(part).toString('base64')}`))
    .join(SEPARATOR);
}

async function ask(url: string, body?: string): Promise<string> {
  const answer = await fetch(url, {
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...(body === undefined
      ? {}
      : { method: 'POST', body, headers: { 'Content-Type': 'text/plain;charset=UTF-8' } }),
  });
  return answer.text();
}
