/** One of several nodes of Hocuspocus with its Redis extension and no store. */
import { Redis } from '@hocuspocus/extension-redis';
import { Server } from '@hocuspocus/server';
import { announce, readArguments } from './launch.mjs';

const { port, redis } = readArguments();
const { hostname: host, port: redisPort } = new URL(redis);
const extensions = [new Redis({ host, port: Number(redisPort) })];
const server = new Server({ port, address: '127.0.0.1', quiet: true, extensions });
await server.listen();
announce(server.address.port);
