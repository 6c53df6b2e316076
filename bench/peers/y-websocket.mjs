/**
 * y-websocket's own server with its LevelDB persistence, which the package has up to version 2: what is deployed with
 * stable Yjs. Its successor, @y/websocket-server, wants a prerelease of Yjs 14. Does what `bin/server.cjs` of the package
 * does, and says when it listens.
 */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { announce, readArguments } from './launch.mjs';

const { port, data } = readArguments();
process.env.YPERSISTENCE = join(data, 'leveldb');
// It says where it persists.
console.info = () => {};

const require = createRequire(import.meta.url);
const { setupWSConnection } = require('y-websocket/bin/utils');
// The `ws` that the package itself uses.
const { Server } = createRequire(require.resolve('y-websocket/bin/utils'))('ws');
const server = createServer();
const sockets = new Server({ noServer: true });
sockets.on('connection', setupWSConnection);
server.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request));
});
server.listen(port, '127.0.0.1', () => announce(server.address().port));
