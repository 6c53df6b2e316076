import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { announce } from './launch.mjs';

/** Starts a relay on Socket.IO: one room per document, and every event goes to all others in it, unread and unstored. */
export function startRelay(port, options = {}) {
  const server = createServer();
  const io = new Server(server, options);

  io.on('connection', (socket) => {
    const { document } = socket.handshake.auth;
    socket.join(document);
    socket.on('update', (update) => socket.to(document).emit('update', update));
    socket.on('awareness', (update) => socket.to(document).emit('awareness', update));
  });

  server.listen(port, '127.0.0.1', () => announce(server.address().port));
}
