import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Access, AccessControl, AccessMode, Authenticator, Identity } from '../../server/auth/access.js';
import { GuardedAccess } from '../../server/auth/guarded-access.js';
import { linksOnly } from '../../server/auth/links-only.js';
import { openAccess } from '../../server/auth/open-access.js';
import { makeLink } from '../../server/auth/share-links.js';
import type { Bus } from '../../server/cluster/bus.js';
import { LocalBus } from '../../server/cluster/local-bus.js';
import { Documents } from '../../server/documents/documents.js';
import type { EdgeOptions } from '../../server/edge/edge.js';
import type { ApiDeps } from '../../server/http/api-deps.js';
import { createHttpApp, type HttpAppDeps, type Readiness } from '../../server/http/app.js';
import type { AppendBatch, AppendResult, DocumentSummary, ListQuery } from '../../server/storage/store.js';
import { UNCOUNTED } from '../../server/telemetry/counters.js';
import { CoscribeError } from '../../shared/errors.js';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import type { Role } from '../../shared/protocol.js';
import { type Clock, systemClock } from '../../shared/time.js';
import { apiDeps, copiesOf, WatchedCopies } from './api-deps.js';
import { collectLog } from './collect-log.js';
import { inlineCrdt, LIMITS } from './document-node.js';
import { temporaryFolder } from './folder.js';
import { GatedStore } from './gated-store.js';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string | undefined;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as `text/plain`. */
  readonly text?: string;
  /** Sent as it is. */
  readonly body?: string | Buffer | undefined;
}

export interface HttpAppOptions {
  /** Whether browsers may keep the pages; `true` by default. */
  readonly offline?: boolean;
  readonly mode?: AccessMode;
  readonly edge?: Partial<EdgeOptions>;
  readonly limits?: Partial<ApiDeps['limits']>;
  /** Of several nodes: what they have together. */
  readonly store?: ListedStore;
  readonly bus?: Bus;
}

/** A store whose list a test can make up, and watch; and one that saves without being able to say so. */
export class ListedStore extends GatedStore {
  /** How many of the next appends are saved and reported as failed. */
  unreported = 0;

  documentsToList: DocumentSummary[] | undefined;
  readonly queries: ListQuery[] = [];
  failure: Error | undefined;

  override async list(query: ListQuery): Promise<readonly DocumentSummary[]> {
    this.queries.push(query);
    if (this.failure !== undefined) throw this.failure;
    return this.documentsToList ?? super.list(query);
  }

  override async append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]> {
    const results = await super.append(batches);
    if (this.unreported === 0) return results;
    this.unreported--;
    throw new CoscribeError('store-unavailable');
  }
}

/** Everybody has a token that is his name, and a role in each document that he may open. */
export class PeopleOfTheHouse implements Authenticator {
  readonly people = new Map<string, Identity>();
  private readonly roles = new Map<string, Role>();

  let(user: string, role: Role | 'none', document: DocumentId): void {
    this.people.set(user, { ...this.people.get(user), user });
    if (role === 'none') this.roles.delete(`${user} ${document}`);
    else this.roles.set(`${user} ${document}`, role);
  }

  authenticate({ token = '' }: { readonly token?: string }): Identity {
    const identity = this.people.get(token);
    if (identity === undefined) throw new CoscribeError('unauthenticated');
    return identity;
  }

  authorize({ user }: Identity, document: DocumentId): Access | Promise<Access> {
    return this.roles.get(`${user} ${document}`) ?? 'none';
  }
}

/** The HTTP app on a free port, with documents that are kept in memory, over a small made-up bundle. */
export async function startHttpApp(options: HttpAppOptions = {}) {
  const folder = temporaryFolder();
  const publicDir = folder.file('public');
  const browserDir = folder.file('browser');
  writeBundle(publicDir, browserDir);
  writeFileSync(folder.file('secret.js'), 'secret');
  const log = collectLog();
  const store = options.store ?? new ListedStore();
  const house = new PeopleOfTheHouse();
  const state = { readiness: 'ok' as Readiness, aheadMs: 0 };
  const system = systemClock({ unref: true });
  const clock: Clock = { ...system, wall: () => system.wall() + state.aheadMs };
  const access = accessOf(options.mode ?? 'open', { authenticator: house, store, clock, log });
  const documents = new Documents({
    ...{ store, access, clock, log, crdt: inlineCrdt, limits: LIMITS },
    bus: options.bus ?? new LocalBus({ sharedStore: false }),
    counters: UNCOUNTED,
    random: Math.random,
    unloadAfterMs: 0,
  });
  await documents.start();
  const copies = new WatchedCopies(copiesOf(documents, { clock, log }));
  const deps: HttpAppDeps = {
    ...apiDeps({ ...options, store, documents, copies, access, clock, log }),
    readiness: () => state.readiness,
    bus: () => 'none',
    metricsForAll: true,
    metrics: { contentType: 'text/plain; version=0.0.4', text: async () => 'coscribe_documents_open 3\n' },
    publicDir,
    browserDir,
    offline: options.offline ?? true,
  };
  const server = createServer(createHttpApp(deps));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  let number = 0;

  /** Sends the path as it is: `fetch` would tidy it up first. */
  function ask(path: string, { token, json, text, body, ...rest }: Ask = {}): Promise<HttpAnswer> {
    const content = json === undefined ? (text ?? body) : JSON.stringify(json);
    const type = text === undefined ? 'application/json' : 'text/plain';
    const headers = {
      ...(content !== undefined && { 'Content-Type': type }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...rest.headers,
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { host: '127.0.0.1', port, path, agent: false, ...rest, headers },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () => {
            const received = Buffer.concat(chunks);
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              body: received,
              text: received.toString(),
            });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(content);
    });
  }

  return {
    ask,
    port,
    state,
    store,
    house,
    documents,
    copies,
    management: deps.management,
    clock,
    log,
    /** A document with a name of its own, and a link of each role to it. */
    async newDocument() {
      const id = parseDocumentId(`acme/plan-${++number}`);
      await store.create(id, clock.wall());
      const link = async (role: Role, expiresAt?: number) => {
        const end = expiresAt === undefined ? {} : { expiresAt };
        const made = makeLink({ document: id, role, label: role, createdAt: clock.wall(), ...end });
        await store.addLink(made.stored, 100);
        return { token: made.token, id: made.stored.id };
      };
      return { id, path: `/api/documents/${id}`, link };
    },
    async close() {
      await copies.close();
      await documents.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      folder.remove();
    },
  };
}

export type HttpApp = Awaited<ReturnType<typeof startHttpApp>>;

function accessOf(
  mode: AccessMode,
  { authenticator, ...guarded }: Omit<ConstructorParameters<typeof GuardedAccess>[0], 'mode'>,
): AccessControl {
  if (mode === 'open') return openAccess;
  return new GuardedAccess({ ...guarded, mode, authenticator: mode === 'links' ? linksOnly : authenticator });
}

/** The code of an error's body; `undefined` for what is no error. */
export function codeOf({ headers, text }: HttpAnswer): string | undefined {
  if (headers['content-type'] !== 'application/problem+json') return undefined;
  return (JSON.parse(text) as { code: string }).code;
}

export const SCRIPT = 'export const answer = 42;\n'.repeat(20);

function writeBundle(publicDir: string, browserDir: string): void {
  mkdirSync(`${publicDir}/assets`, { recursive: true });
  writeFileSync(
    `${publicDir}/home.html`,
    '<title>home</title><body data-mode="{{mode}}" data-offline="{{offline}}">',
  );
  writeFileSync(
    `${publicDir}/document.html`,
    '<title>{{name}}</title><h1 data-mode="{{mode}}" title="{{id}}">{{prefix}}{{name}}</h1>',
  );
  writeFileSync(`${publicDir}/service-worker.js`, SCRIPT);
  writeFileSync(`${publicDir}/service-worker.js.gz`, gzipSync(SCRIPT));
  writeFileSync(`${publicDir}/admin.html`, '<body data-mode="{{mode}}"><h1>Operations</h1>');
  writeFileSync(`${publicDir}/error.html`, '<h1>{{title}}</h1><p>{{sentence}}</p><code>{{code}}</code>');
  writeFileSync(`${publicDir}/assets/home-AAAAAAAA.js`, SCRIPT);
  writeFileSync(`${publicDir}/assets/home-AAAAAAAA.js.gz`, gzipSync(SCRIPT));
  writeFileSync(`${publicDir}/assets/style-BBBBBBBB.css`, 'body{}');
  writeFileSync(`${publicDir}/assets/favicon-CCCCCCCC.svg`, '<svg/>');
  writeFileSync(`${publicDir}/assets/notes.txt`, 'not a part of the pages');
  mkdirSync(browserDir);
  writeFileSync(`${browserDir}/coscribe.js`, SCRIPT);
  writeFileSync(`${browserDir}/coscribe.js.gz`, gzipSync(SCRIPT));
  writeFileSync(`${browserDir}/coscribe.js.map`, '{}');
}
