import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Ports below those that the system itself hands out, on Linux from 32768 and elsewhere from 49152: a service that is
 * killed and started again finds its port free, and nobody who connects to it meanwhile gets it as his own end.
 */
const FROM = 20_000;
const TO = 32_000;
const TRIES = 100;

/**
 * A TCP port of 127.0.0.1 that nobody used a moment ago; somebody else may take it before its user does.
 *
 * @throws Error if there is none
 */
export async function freePort(): Promise<number> {
  for (let tried = 1; ; tried++) {
    const port = randomInt(FROM, TO);
    try {
      await tryPort(port);
      return port;
    } catch (error) {
      if (tried === TRIES) throw error;
    }
  }
}

function tryPort(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}
