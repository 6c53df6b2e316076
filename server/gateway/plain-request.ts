import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** Headers that make a request one for an upgrade (RFC 9110, 7.8; RFC 7540, 3.2). */
const OF_UPGRADES = new Set(['upgrade', 'http2-settings']);

/**
 * Lets a server answer a request for an upgrade as if nobody listened for upgrades: as the plain request that it is as well.
 * Java's HttpClient and `curl --http2` begin every connection with such a one.
 *
 * When the event comes, Node's parser has let go of the connection, and of a body has read nothing. So the request is put
 * back in front of what is still to be read, without what asks for the upgrade, and the server begins anew.
 */
export function answerPlainly(
  http: HttpServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const { method = 'GET', url = '/', httpVersion, rawHeaders } = request;
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    const rest = name.toLowerCase() === 'connection' ? withoutUpgrade(value) : value;
    if (rest !== '' && !OF_UPGRADES.has(name.toLowerCase())) text += `${name}: ${rest}\r\n`;
  }
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]));
  http.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket);
}

function withoutUpgrade(connection: string): string {
  const rest = connection.split(',').filter((option) => !OF_UPGRADES.has(option.trim().toLowerCase()));
  return rest.join(',').trim();
}
