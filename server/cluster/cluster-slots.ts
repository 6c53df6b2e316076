import type { RedisConnection } from './redis-connection.js';
import type { RedisAddress } from './redis-url.js';

/** Slots `from` to `to`, both included, belong to the master at this address. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
  readonly master: RedisAddress;
}

/**
 * Asks a server of a Redis Cluster which master has which slots.
 *
 * @param asked the server's address; the others have its user, its password and its kind of connection
 * @throws Error if it cannot be asked, or if its answer is not understood
 */
export async function readSlots(
  connection: RedisConnection,
  asked: RedisAddress,
): Promise<readonly SlotRange[]> {
  const answer = await connection.ask('CLUSTER', 'SLOTS');
  if (!Array.isArray(answer)) throw new Error('CLUSTER SLOTS answers with no list');
  return answer.map((entry) => readRange(entry, asked));
}

/** `[from, to, [host, port, …], replicas…]`: https://redis.io/docs/latest/commands/cluster-slots/ */
function readRange(entry: unknown, asked: RedisAddress): SlotRange {
  const [from, to, master]: unknown[] = Array.isArray(entry) ? entry : [];
  const [host, port]: unknown[] = Array.isArray(master) ? master : [];
  if (typeof from !== 'number' || typeof to !== 'number' || typeof port !== 'number') {
    throw new Error('CLUSTER SLOTS answers with what is no range of slots');
  }
  // A server that does not know how it is reached says nothing: then it is reached as it was for this question.
  const known = typeof host === 'string' && host !== '' && host !== '?';
  return { from, to, master: { ...asked, host: known ? host : asked.host, port } };
}
