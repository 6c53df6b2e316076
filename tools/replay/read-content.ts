import type { Connect } from '../../client/channel.js';
import type { Clock } from '../../shared/time.js';
import { Latencies } from './latencies.js';
import { ReplayClient } from './replay-client.js';
import { Waiting } from './waiting.js';

/** The text of a document as a client gets it that has nothing yet. @throws UnreachableError */
export async function readContent(
  connect: Connect,
  document: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  const counters = { latencies: new Latencies(), messages: 0, bytes: 0 };
  const client = new ReplayClient({
    connect,
    document,
    holding: false,
    name: 'fresh reader',
    counters,
    clock,
  });
  const waiting = new Waiting([client], clock, signal);
  try {
    await waiting.connected();
    return client.content;
  } finally {
    waiting.end();
    client.provider.destroy();
  }
}
