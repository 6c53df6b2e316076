import { afterAll, beforeAll } from '@jest/globals';
import { type RedisProcess, startRedis } from '../../../tools/services/redis.js';
import { busContract } from '../../contracts/bus-contract.js';
import { temporaryFolder } from '../../support/folder.js';

const folder = temporaryFolder();
let redis: RedisProcess;

beforeAll(async () => {
  redis = await startRedis({ folder: folder.path });
});
afterAll(async () => {
  await redis.stop();
  folder.remove();
});

busContract('The bus over one Redis server', () => ({
  url: redis.url,
  subscribers: async (channels) => {
    const counts = await redis.ask('PUBSUB', 'SHARDNUMSUB', ...channels);
    return Array.isArray(counts) ? counts.filter((_, index) => index % 2 === 1).map(Number) : [];
  },
}));
