/** Hocuspocus as its README starts it: documents live in memory as long as somebody has them open. */
import { Server } from '@hocuspocus/server';
import { announce, readArguments } from './launch.mjs';

const { port } = readArguments();
const server = new Server({ port, address: '127.0.0.1', quiet: true });
await server.listen();
announce(server.address.port);
