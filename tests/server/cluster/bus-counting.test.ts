import { expect, test } from '@jest/globals';
import { NodeCounters } from '../../../server/telemetry/node-counters.js';
import { startRedis } from '../../../tools/services/redis.js';
import { closeBuses, documentNumber, numbered, openBus } from '../../support/buses.js';
import { temporaryFolder } from '../../support/folder.js';
import { until } from '../../support/until.js';

test('[METRIC8] messages, their bytes, how long they take, and that Redis was lost', async () => {
  const folder = temporaryFolder();
  const redis = await startRedis({ folder: folder.path });
  try {
    const [mine, others] = [new NodeCounters(), new NodeCounters()];
    const one = await openBus(redis.url, { counters: mine });
    const two = await openBus(redis.url, { counters: others });
    const { channel } = await one.open(documentNumber(1));
    const { heard } = await two.open(documentNumber(1));
    const before = { sent: mine.amounts['bus-sent'], received: others.amounts['bus-received'] };
    for (let n = 0; n < 10; n++) channel.publish(numbered(n));
    await until(() => heard.length === 10, 'all are heard');
    expect(mine.amounts['bus-sent'] - before.sent).toBeGreaterThanOrEqual(10);
    expect(others.amounts['bus-received'] - before.received).toBeGreaterThanOrEqual(10);
    expect(mine.amounts['bus-sent-bytes']).toBeGreaterThan(0);
    expect(others.amounts['bus-received-bytes']).toBeGreaterThan(0);
    // What nodes say of themselves comes back to them.
    await until(() => mine.measures['bus-echo'].count > 0, 'a message has come back');
    const { sum, counts } = mine.measures['bus-echo'].buckets();
    expect(sum).toBeGreaterThan(0);
    // Of 10 s and more, in a time that goes twice as fast, none.
    expect(counts.at(-1)).toBe(0);
    expect(mine.amounts['bus-losses']).toBe(0);
    await redis.stop();
    await until(() => mine.amounts['bus-losses'] === 1, 'Redis is lost');
    channel.publish(numbered(11));
    expect(mine.events['bus-dropped']).toBeGreaterThanOrEqual(1);
  } finally {
    await closeBuses();
    await redis.stop();
    folder.remove();
  }
});
