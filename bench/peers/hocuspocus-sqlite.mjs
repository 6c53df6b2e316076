/** Hocuspocus with its SQLite extension, which stores a document two seconds after a change, ten at the latest. */
import { join } from 'node:path';
import { SQLite } from '@hocuspocus/extension-sqlite';
import { Server } from '@hocuspocus/server';
import { announce, readArguments } from './launch.mjs';

const { port, data } = readArguments();
const extensions = [new SQLite({ database: join(data, 'hocuspocus.db') })];
const server = new Server({ port, address: '127.0.0.1', quiet: true, extensions });
await server.listen();
announce(server.address.port);
