import { connect, type Socket } from 'node:net';

/** What Redis answers. Errors are thrown instead. */
export type RedisReply = string | number | null | readonly RedisReply[];

/**
 * Asks a Redis server on this machine, over a connection of its own. A few lines of the protocol, for those who start
 * servers and disturb them; it must work when the clients under test do not.
 *
 * @throws Error with Redis's answer if it is an error, or if nothing can be reached
 */
export function askRedis(port: number, command: readonly string[], password?: string): Promise<RedisReply> {
  const commands = password === undefined ? [command] : [['AUTH', password], command];
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    let received = Buffer.alloc(0);
    const replies: (RedisReply | Error)[] = [];
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`Redis on port ${port} hung up`)));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      for (;;) {
        const read = readReply(received, 0);
        if (!read) return;
        received = received.subarray(read.end);
        replies.push(read.reply);
        const failed = replies.find((reply) => reply instanceof Error);
        if (!failed && replies.length < commands.length) continue;
        if (failed) reject(failed);
        else resolve(read.reply as RedisReply);
        return void socket.destroy();
      }
    });
    for (const words of commands) send(socket, words);
  });
}

function send(socket: Socket, words: readonly string[]): void {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  socket.write(`*${words.length}\r\n${parts.join('')}`);
}

interface Read {
  readonly reply: RedisReply | Error;
  readonly end: number;
}

/** One reply of protocol version 2 (https://redis.io/docs/latest/develop/reference/protocol-spec/), if all of it is there. */
function readReply(bytes: Buffer, start: number): Read | undefined {
  const lineEnd = bytes.indexOf('\r\n', start);
  if (lineEnd === -1) return undefined;
  const line = bytes.toString('utf8', start + 1, lineEnd);
  const after = lineEnd + 2;
  switch (String.fromCharCode(bytes[start] ?? 0)) {
    case '+':
      return { reply: line, end: after };
    case '-':
      return { reply: new Error(line), end: after };
    case ':':
      return { reply: Number(line), end: after };
    case '$':
      return readBulk(bytes, after, Number(line));
    case '*':
      return readArray(bytes, after, Number(line));
    default:
      return { reply: new Error(`not a reply of Redis: ${line}`), end: after };
  }
}

function readBulk(bytes: Buffer, start: number, length: number): Read | undefined {
  if (length < 0) return { reply: null, end: start };
  const end = start + length + 2;
  return bytes.length < end ? undefined : { reply: bytes.toString('utf8', start, end - 2), end };
}

function readArray(bytes: Buffer, start: number, length: number): Read | undefined {
  const items: RedisReply[] = [];
  let end = start;
  for (let index = 0; index < length; index++) {
    const item = readReply(bytes, end);
    if (!item) return undefined;
    if (item.reply instanceof Error) return item;
    items.push(item.reply);
    end = item.end;
  }
  return { reply: items, end };
}
