/** What Socket.IO alone costs: one room per document, and every event goes to all others in it, unread and unstored. */
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { announce, readArguments } from './launch.mjs';

const { port } = readArguments();
const server = createServer();
const io = new Server(server);

io.on('connection', (socket) => {
  const { document } = socket.handshake.auth;
  socket.join(document);
  socket.on('update', (update) => socket.to(document).emit('update', update));
  socket.on('awareness', (update) => socket.to(document).emit('awareness', update));
});

server.listen(port, '127.0.0.1', () => announce(server.address().port));
