import type { CoscribeIo } from './socket-types.js';

interface Connection {
  close(): void;
  once(event: 'close', listener: () => void): void;
}

/** The typings call `clients` protected; engine.io itself is closed by walking through them. */
interface Engine {
  readonly clients: Readonly<Record<string, Connection>>;
}

/**
 * Closes every connection once what waits for it is on its way, the last answers and the goodbye among it. `io.close()`
 * alone throws away what engine.io still holds (`close(true)` in its Server.close).
 */
export async function closeConnections(io: CoscribeIo): Promise<void> {
  const { clients } = io.engine as unknown as Engine;
  await Promise.all(
    Object.values(clients).map(
      (connection) =>
        new Promise<void>((resolve) => {
          connection.once('close', resolve);
          connection.close();
        }),
    ),
  );
}
