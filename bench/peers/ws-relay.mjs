/** The floor of what any server costs: every message goes to all others on the same path, unread and unstored. */
import { WebSocketServer } from 'ws';
import { announce, readArguments } from './launch.mjs';

const { port } = readArguments();
const documents = new Map();

const server = new WebSocketServer({ host: '127.0.0.1', port });
server.on('listening', () => announce(server.address().port));
server.on('connection', (socket, { url }) => {
  const sockets = documents.get(url) ?? new Set();
  documents.set(url, sockets.add(socket));
  socket.on('message', (data) => {
    for (const other of sockets) if (other !== socket) other.send(data);
  });
  socket.on('close', () => {
    sockets.delete(socket);
    if (sockets.size === 0) documents.delete(url);
  });
  // A connection that breaks is followed by `close`.
  socket.on('error', () => {});
});
