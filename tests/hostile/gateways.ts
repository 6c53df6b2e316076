import type { Committed, Refused, UpdateKind } from '../../shared/protocol.js';
import { newManager, RawClient, type TransportName } from '../support/raw-client.js';
import { until } from '../support/until.js';

/** Somebody in a document, whatever protocol he speaks, who can send any bytes as an update. */
export interface WireClient {
  /** What his copy shows. */
  readonly text: string;
  /** @returns `undefined` if it was taken, else every code that came for it */
  send(update: Uint8Array, kind: UpdateKind): Promise<readonly string[] | undefined>;
  /** @returns every code that came for it */
  sendAwareness(update: Uint8Array): Promise<readonly string[]>;
  /** Types at the end of the text, honestly. @returns whether it was taken */
  type(words: string): Promise<boolean>;
  /** Fulfils when the connection is over. */
  close(): Promise<void>;
}

export interface Gateway {
  readonly name: string;
  join(url: string, document: string, clientId: number): Promise<WireClient>;
}

/** Every way into a document. A new protocol is a row more. */
export const GATEWAYS: readonly Gateway[] = [ours('websocket'), ours('polling')];

function ours(transport: TransportName): Gateway {
  return {
    name: `our protocol over ${transport}`,
    async join(url, document, clientId) {
      const client = await RawClient.connect(url, { document, manager: newManager(url, transport) });
      client.doc.clientID = clientId;
      const joined = await client.join();
      if (!joined.ok) throw new Error(joined.error.message);
      return new OurClient(client);
    },
  };
}

class OurClient implements WireClient {
  /** Packets with an answer: the client itself drops a second answer to the same message. */
  private answers = 0;

  constructor(private readonly client: RawClient) {
    client.socket.io.engine.on('packet', ({ data }: { readonly data?: unknown }) => {
      if (typeof data === 'string' && data.startsWith('3')) this.answers++;
    });
  }

  get text(): string {
    return this.client.text;
  }

  async send(update: Uint8Array, kind: UpdateKind): Promise<readonly string[] | undefined> {
    const { client } = this;
    const refusals = client.refusals.length;
    const { answers } = this;
    const reply: Committed | Refused = await client.update(update, kind);
    await client.settled();
    // One for this message, and one for the question whether there is more.
    const more = Array.from({ length: this.answers - answers - 2 }, () => 'another answer');
    const others = [...client.refusals.slice(refusals).map(String), ...more];
    if (!reply.ok) return [reply.error.code, ...others];
    return others.length > 0 ? others : undefined;
  }

  async sendAwareness(update: Uint8Array): Promise<readonly string[]> {
    const { client } = this;
    const before = client.refusals.length;
    // It is looked at some time after it came, with what others have sent.
    const refused = client.next('refused');
    client.socket.emit('awareness', update);
    await refused;
    await client.settled();
    return client.refusals.slice(before).map(String);
  }

  async type(words: string): Promise<boolean> {
    return (await this.client.type(words)).ok;
  }

  async close(): Promise<void> {
    const { engine } = this.client.socket.io;
    this.client.close();
    await until(() => engine.readyState === 'closed', 'the connection to be closed');
  }
}
