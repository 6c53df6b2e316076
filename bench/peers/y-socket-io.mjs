/** y-socket.io's server with its LevelDB persistence. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Server } from 'socket.io';
import { YSocketIO } from 'y-socket.io/dist/server';
import { announce, readArguments } from './launch.mjs';

const { port, data } = readArguments();
const server = createServer();
new YSocketIO(new Server(server), { levelPersistenceDir: join(data, 'leveldb') }).initialize();
server.listen(port, '127.0.0.1', () => announce(server.address().port));
