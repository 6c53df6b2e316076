import type { Role } from '../../shared/protocol.js';
import { type AccessServer, startAccessServer } from './access-server.js';
import { askApi, jsonOf } from './http-api.js';
import { tokenOf } from './jwt.js';
import { RawClient, type Refusal, type TransportName } from './raw-client.js';

/** Ways of letting people in, with the flags for them. */
const WORLDS = { tokens: undefined, links: ['--auth', 'links'], open: ['--auth', 'open'] } as const;
export type WorldName = keyof typeof WORLDS;

/** One server, and documents in it that are all alike. */
export class AccessWorld {
  private documents = 0;

  private constructor(
    readonly name: WorldName,
    readonly server: AccessServer,
  ) {}

  static async start(name: WorldName, args: readonly string[] = []): Promise<AccessWorld> {
    const auth = WORLDS[name];
    return new AccessWorld(name, await startAccessServer({ ...(auth !== undefined && { auth }), args }));
  }

  get url(): string {
    return this.server.url;
  }

  /** A name that nothing has yet. */
  newName(): string {
    return `acme/document-${++this.documents}`;
  }

  /** A document in which "text" is written. */
  async document(id = this.newName()): Promise<TestDocument> {
    const made = await askApi(this.url, 'POST', 'documents', { token: this.owner, body: { id } });
    const { link } = jsonOf<{ readonly link?: { readonly token: string } }>(made);
    const document = new TestDocument(this, id, link?.token ?? this.owner);
    await document.write('text');
    return document;
  }

  private get owner(): string | undefined {
    return this.name === 'tokens' ? tokenOf('olga', 'owner') : undefined;
  }
}

/** A document, and somebody to whom it belongs. */
export class TestDocument {
  constructor(
    readonly world: AccessWorld,
    readonly id: string,
    /** Of its owner, if one is needed. */
    readonly token: string | undefined,
  ) {}

  /** Asks the API for something below this document. */
  ask(method: string, path = '', options: Parameters<typeof askApi>[3] = {}): ReturnType<typeof askApi> {
    return askApi(this.world.url, method, `documents/${this.id}${path}`, options);
  }

  /** A new link. */
  async link(role: Role, more: Record<string, unknown> = {}): Promise<MadeLink> {
    return jsonOf(await this.ask('POST', '/links', { token: this.token, body: { role, ...more } }));
  }

  /** The owner writes something at the end. */
  async write(words: string): Promise<void> {
    const owner = await this.joined();
    const reply = await owner.type(words);
    owner.close();
    if (!reply.ok) throw new Error(reply.error.message);
  }

  /** What is written in it, and how often that was changed. */
  async written(): Promise<{ readonly text: string; readonly seq: number }> {
    const owner = await this.joined();
    const { text, seq } = owner;
    owner.close();
    return { text, seq };
  }

  /** Everything that somebody could have changed. */
  async state(): Promise<unknown> {
    const links = this.world.name === 'open' ? [] : await this.ask('GET', '/links', { token: this.token });
    return { ...(await this.written()), links };
  }

  /** What becomes of an owner who wants to join: `ok`, or the code with which he is refused. */
  async reachable(): Promise<string> {
    const { id, token, world } = this;
    const owner = await connectOr(world.url, { document: id, token, transport: 'websocket' });
    if (typeof owner === 'string') return owner;
    const reply = await owner.join();
    owner.close();
    return reply.ok ? 'ok' : reply.error.code;
  }

  private joined(): Promise<RawClient> {
    return RawClient.joined(this.world.url, { document: this.id, auth: authOf(this.token) });
  }
}

export interface MadeLink {
  readonly id: string;
  readonly token: string;
  readonly path: string;
}

export function authOf(token: string | undefined): Record<string, unknown> {
  return { protocol: 1, ...(token !== undefined && { token }) };
}

/** A client in a document's namespace, or the code with which it was refused. */
export async function connectOr(
  url: string,
  { document, token, transport }: Asked,
): Promise<RawClient | string> {
  try {
    return await RawClient.connect(url, { document, transport, auth: authOf(token) });
  } catch (error) {
    return (error as Refusal).data?.code ?? 'no code';
  }
}

interface Asked {
  readonly document: string;
  readonly token: string | undefined;
  readonly transport: TransportName;
}
