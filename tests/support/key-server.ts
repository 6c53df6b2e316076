import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JWK } from 'jose';

/** Serves a JWK Set at an address of this machine, and can be told to do that badly. */
export class KeyServer {
  keys: readonly JWK[] = [];
  /** `wrong`: answers 500; `silent`: never answers; the others are answers that are no set of keys. */
  mood: 'well' | 'wrong' | 'silent' | 'endless' | 'text' | 'elsewhere' | 'no set' = 'well';
  /** How often it was asked. */
  asked = 0;
  private constructor(private readonly server: Server) {}

  static async start(): Promise<KeyServer> {
    const server = createServer();
    const keys = new KeyServer(server);
    server.on('request', (_, response) => {
      keys.asked += 1;
      if (keys.mood === 'silent') return;
      const status = keys.mood === 'wrong' ? 500 : keys.mood === 'elsewhere' ? 302 : 200;
      response.writeHead(status, { 'content-type': 'application/json', location: '/other' });
      if (keys.mood === 'endless') response.end(`{"keys":[],"more":"${'x'.repeat(300_000)}"}`);
      else if (keys.mood === 'text') response.end('not found');
      else if (keys.mood === 'no set') response.end('{"keys":7}');
      else response.end(JSON.stringify({ keys: keys.keys }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return keys;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/keys`;
  }

  /** The next connections are refused. */
  async stop(): Promise<void> {
    this.server.closeAllConnections();
    if (this.server.listening) await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
