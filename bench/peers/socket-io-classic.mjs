/** What Socket.IO and its classic Redis adapter cost: one of several nodes. */
import { createAdapter } from '@socket.io/redis-adapter';
import { readArguments } from './launch.mjs';
import { connectTwice } from './redis-clients.mjs';
import { startRelay } from './relay.mjs';

const { port, redis } = readArguments();
const [publisher, subscriber] = await connectTwice(redis);
startRelay(port, { adapter: createAdapter(publisher, subscriber) });
