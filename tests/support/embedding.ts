import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from '@jest/globals';
import type { CoscribeProvider } from '../../client/provider.js';
import type { ProviderOptions } from '../../client/provider-options.js';
import { type Coscribe, type CoscribeOptions, createCoscribe } from '../../server/coscribe.js';
import { Clients, textOf, type } from './clients.js';
import { until } from './until.js';

/** What one test of embedding makes: all of it ends with `end`. */
export class Embedding {
  readonly clients = new Clients();
  readonly #coscribes: Coscribe[] = [];
  readonly #ends: (() => Promise<unknown> | unknown)[] = [];
  #documents = 0;

  async coscribe(options: CoscribeOptions = {}): Promise<Coscribe> {
    const coscribe = await createCoscribe({ store: 'memory:', maxLagMs: 60_000, ...options });
    this.#coscribes.push(coscribe);
    return coscribe;
  }

  /** Called before the servers are closed, the last one first. */
  atEnd(end: () => Promise<unknown> | unknown): void {
    this.#ends.push(end);
  }

  /** @returns the address of a server that listens from now on, until the end */
  async listen(server: Server, secure = false): Promise<string> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.atEnd(async () => {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    });
    return `${secure ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Two people write into a document; each sees what the other wrote, and all of it is saved. */
  async twoWrite(url: string, options: Partial<ProviderOptions> = {}): Promise<CoscribeProvider> {
    const document = `team/note-${++this.#documents}`;
    const [one, two] = [1, 2].map(() => this.clients.connect(url, { document, ...options }));
    if (one === undefined || two === undefined) throw new Error('nobody is there');
    await until(() => one.synced && two.synced, 'both are in the document');
    type(one, 'Hello');
    await until(() => textOf(two) === 'Hello', 'the one has written');
    type(two, ', world');
    await until(() => textOf(one) === 'Hello, world', 'the other has written');
    await until(() => one.unsavedChanges + two.unsavedChanges === 0, 'all is saved');
    expect(one.doc.getText('text').toString()).toBe(textOf(two));
    return one;
  }

  async end(): Promise<void> {
    this.clients.destroy();
    for (const coscribe of this.#coscribes.splice(0)) await coscribe.stop();
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}

/** How many listen to what of a server, so that one can see whether somebody has let go of it. */
export function listenersOf(server: Server): Record<string, number> {
  return Object.fromEntries(server.eventNames().map((name) => [String(name), server.listenerCount(name)]));
}
