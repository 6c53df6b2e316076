import { createClient } from 'redis';

/** Two connections to Redis, as Socket.IO's adapters want them: one that publishes and one that subscribes. */
export async function connectTwice(url) {
  const clients = [createClient({ url }), createClient({ url })];
  for (const client of clients) {
    // It connects again by itself.
    client.on('error', () => {});
    await client.connect();
  }
  return clients;
}
