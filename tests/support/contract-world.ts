import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Method, OpenApi, Operation, Parameter } from '../../server/http/openapi/openapi.js';
import { type AccessServer, startAccessServer } from './access-server.js';
import { ApiContract } from './api-contract.js';
import { tokenOf } from './jwt.js';

/** A request, as far as it differs from what the operation says of itself. */
export interface Wish {
  /** Of a document: `acme/plan`. */
  readonly document?: string;
  readonly link?: string;
  readonly workspace?: string;
  /** Of operators: a node, or a session. */
  readonly node?: string;
  readonly session?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is no text and no bytes is sent as JSON. */
  readonly body?: unknown;
  /** Of the body; the first that the operation names, unless given. */
  readonly type?: string;
  readonly token?: string | undefined;
  readonly method?: 'HEAD';
  /** Enough has come when this is in it. */
  readonly until?: RegExp;
  /** To be done when the first of the answer has come. */
  readonly meanwhile?: () => Promise<unknown>;
  /** Only the head of the request is sent, which says that so many bytes follow. */
  readonly promise?: number;
}

export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Of a refusal. */
  readonly code: string | undefined;
}

export interface Place {
  readonly path: string;
  readonly method: Method;
  readonly operation: Operation;
}

const EVERYWHERE = { 'acme/*': 'owner', 'default/*': 'owner', 'elsewhere/*': 'owner' };

/** Whoever has one may do in `acme` what his name says. */
export const TOKENS = {
  owner: tokenOf('olga', undefined, { access: EVERYWHERE }),
  editor: tokenOf('edda', 'editor'),
  viewer: tokenOf('vera', 'viewer'),
  stranger: tokenOf('sven'),
  operator: tokenOf('otto', 'owner', { operator: true }),
  expired: tokenOf('olga', 'owner', { exp: Math.floor(Date.now() / 1000) - 600 }),
  malformed: 'no.token',
} as const;

/** A server, its own description, and requests whose answers have to be as it says. */
export class ContractWorld {
  private readonly agent = new Agent({ keepAlive: true });
  private readonly followers: ClientRequest[] = [];
  private documents = 0;

  private constructor(
    private readonly server: AccessServer,
    readonly contract: ApiContract,
    readonly places: ReadonlyMap<string, Place>,
    private readonly parameters: OpenApi['components']['parameters'],
  ) {}

  static async start(auth?: readonly string[]): Promise<ContractWorld> {
    // Programs of this machine are not counted; who comes over a proxy has one request.
    const args = ['--trusted-proxies', '127.0.0.1', '--max-requests-per-second', '1', '--request-burst', '1'];
    const server = await startAccessServer({ args, ...(auth !== undefined && { auth }) });
    const description = (await (await fetch(`${server.url}/api/openapi.json`)).json()) as OpenApi;
    const places = Object.entries(description.paths).flatMap(([path, item]) =>
      (Object.entries(item) as [Method, Operation][]).map(
        ([method, operation]) => [operation.operationId, { path, method, operation }] as const,
      ),
    );
    const contract = new ApiContract(description);
    return new ContractWorld(server, contract, new Map(places), description.components.parameters);
  }

  get url(): string {
    return this.server.url;
  }

  async stop(): Promise<void> {
    for (const follower of this.followers) follower.destroy();
    this.agent.destroy();
    await this.server.stop();
  }

  /** A name in `acme` that nothing has yet. */
  newName(): string {
    return `acme/document-${++this.documents}`;
  }

  /** A document with "Hello" in `text`, and `{"title":"Plan"}` in `board`. */
  async document(): Promise<string> {
    const id = this.newName();
    await this.ask('createDocument', { body: { id, text: 'Hello' } });
    const made = await this.ask('patchJson', {
      document: id,
      body: [{ op: 'add', path: '/board/title', value: 'Plan' }],
    });
    if (made.status !== 200) throw new Error(`no document: ${made.body}`);
    return id;
  }

  /** Has somebody follow a document until the end. @returns his session, as operators call it */
  async follow(document: string): Promise<string> {
    const headers = { Authorization: `Bearer ${TOKENS.viewer}` };
    const follower = request(`${this.server.url}/api/documents/${document}/events`, {
      headers,
      agent: false,
    });
    this.followers.push(follower);
    await new Promise<void>((resolve, reject) => {
      follower.on('error', reject);
      follower.on('response', (incoming) => incoming.once('data', () => resolve()));
      follower.end();
    });
    const { body } = await this.ask('inspectDocument', { document, token: TOKENS.operator });
    const { sessions } = JSON.parse(body.toString()) as {
      readonly sessions: readonly { readonly id: string }[];
    };
    const [session] = sessions;
    if (session === undefined) throw new Error('nobody follows');
    return session.id;
  }

  place(operationId: string): Place {
    const found = this.places.get(operationId);
    if (found === undefined) throw new Error(`there is no operation ${operationId}`);
    return found;
  }

  /** What an operation takes, with what it shares with others. */
  parametersOf(operationId: string): readonly Parameter[] {
    return this.place(operationId).operation.parameters.flatMap((one) =>
      '$ref' in one ? (this.parameters[one.$ref.split('/').at(-1) ?? ''] ?? []) : one,
    );
  }

  /** The type of the body that an operation takes, if it takes one. */
  bodyType(operationId: string): string | undefined {
    return Object.keys(this.place(operationId).operation.requestBody?.content ?? {})[0];
  }

  /** Sends a request, as an owner unless the wish names a token. @throws Error if the answer is not as described */
  async ask(operationId: string, wish: Wish = {}): Promise<Got> {
    const { path, method } = this.place(operationId);
    const filled = fill(path, wish);
    const answer = await this.send(wish.method ?? method.toUpperCase(), filled, {
      ...wish,
      type: wish.type ?? this.bodyType(operationId) ?? '',
    });
    this.contract.check({ method: wish.method ?? method.toUpperCase(), path: filled, ...answer });
    return answer;
  }

  private send(method: string, path: string, wish: Wish & { readonly type: string }): Promise<Got> {
    const { query = {}, body, type, promise, until, meanwhile } = wish;
    const token = 'token' in wish ? wish.token : TOKENS.owner;
    const search = new URLSearchParams(query).toString();
    const content = bytesOf(body);
    const headers = {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(content !== undefined && { 'Content-Type': type, 'Content-Length': String(content.length) }),
      ...(promise !== undefined && { 'Content-Type': type, 'Content-Length': String(promise) }),
      ...wish.headers,
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(
        `${this.server.url}${path}${search === '' ? '' : `?${search}`}`,
        { method, headers, agent: promise === undefined ? this.agent : false },
        (incoming) => {
          const chunks: Buffer[] = [];
          const done = (): void => resolve(gotOf(incoming, Buffer.concat(chunks)));
          if (meanwhile !== undefined) incoming.once('data', () => meanwhile().catch(reject));
          incoming.on('data', (chunk: Buffer) => {
            chunks.push(chunk);
            if (until === undefined || !until.test(Buffer.concat(chunks).toString())) return;
            done();
            outgoing.destroy();
          });
          incoming.on('end', () => {
            done();
            if (promise !== undefined) outgoing.destroy();
          });
        },
      );
      outgoing.on('error', reject);
      if (promise === undefined) outgoing.end(content);
      else outgoing.flushHeaders();
    });
  }
}

function fill(path: string, wish: Wish): string {
  const { document = 'acme/nothing', link = 'any', node = 'none', session = 'none.1', workspace } = wish;
  const [of = '', name = ''] = document.split('/');
  const values: Readonly<Record<string, string>> = { workspace: workspace ?? of, name, link, node, session };
  return path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(values[key] ?? ''));
}

function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  if (body instanceof Uint8Array) return Buffer.from(body);
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function gotOf({ statusCode = 0, headers }: IncomingMessage, body: Buffer): Got {
  const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const isProblem = headers['content-type'] === 'application/problem+json' && body.length > 0;
  const code = isProblem ? (JSON.parse(body.toString()) as { readonly code: string }).code : undefined;
  return { status: statusCode, headers: plain, body, code };
}
