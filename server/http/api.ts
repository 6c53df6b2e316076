import type { IncomingMessage } from 'node:http';
import type { Context, Hono } from 'hono';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import type { Clock } from '../../shared/time.js';
import type { Credentials } from '../auth/access.js';
import type { LinkManagement } from '../documents/link-management.js';
import type { Management } from '../documents/management.js';
import type { Client } from '../edge/client-address.js';
import type { Edge } from '../edge/edge.js';
import { isPreflight } from '../edge/origins.js';
import {
  CREATE_FIELDS,
  LINK_FIELDS,
  parseCreation,
  parseLinkName,
  parseRevocation,
  parseWantedLink,
  REVOCATION_FIELDS,
} from './api-requests.js';
import { credentialsOf } from './credentials.js';
import { listedDocument, parseListQuery } from './document-list.js';
import { type Fields, readFields } from './json-body.js';
import { type RequestLimits, RequestRates } from './request-rates.js';
import { listedLink, newLink } from './shown-link.js';

export interface ApiDeps {
  readonly management: Management;
  readonly links: LinkManagement;
  readonly edge: Edge;
  readonly limits: RequestLimits & { readonly maxBodyBytes: number };
  readonly clock: Pick<Clock, 'wall' | 'monotonic'>;
}

/** What Hono's listener gives every request, and the API's first step adds. */
export interface HttpEnv {
  Bindings: { readonly incoming: IncomingMessage };
  Variables: { client: Client };
}

type Call = Context<HttpEnv>;

const NO_STORE = { 'Cache-Control': 'no-store' };
const DOCUMENT = '/api/documents/:workspace/:name';

/** Adds everything under `/api/`; docs/PROTOCOL.md describes it. */
export function addApi(app: Hono<HttpEnv>, deps: ApiDeps): void {
  addEdge(app, deps);
  addDocuments(app, deps);
  addLinks(app, deps);
  const { management, limits } = deps;
  app.post('/api/revocations', async (c) => {
    const fields = await bodyOf(c, limits, REVOCATION_FIELDS);
    await management.revokeTokens(asker(c), parseRevocation(fields));
    return done(c);
  });
}

/** Before anybody is asked who he is: where he comes from, from whose page, and how often. */
function addEdge(app: Hono<HttpEnv>, { edge, limits, clock }: ApiDeps): void {
  const rates = new RequestRates(limits, clock);
  app.use('/api/*', async (c, next) => {
    const { incoming } = c.env;
    const { client, source } = edge.visit(incoming);
    c.set('client', client);
    await next();
    const headers = edge.origins.corsHeaders(source, incoming.headers.origin);
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
  });
  app.use('/api/*', async (c, next) => {
    const { incoming } = c.env;
    if (isPreflight(incoming.method, incoming.headers))
      return c.body(null, 204, edge.origins.preflightHeaders());
    const address = edge.countedAs(c.get('client'));
    if (address !== undefined) rates.take(address);
    return next();
  });
}

function addDocuments(app: Hono<HttpEnv>, { management, limits }: ApiDeps): void {
  app.get('/api/documents', async (c) => {
    const query = parseListQuery({ limit: c.req.query('limit'), workspace: c.req.query('workspace') });
    const documents = await management.list(asker(c), query);
    return c.json({ documents: documents.map(listedDocument) }, 200, NO_STORE);
  });
  app.post('/api/documents', async (c) => {
    const fields = await bodyOf(c, limits, CREATE_FIELDS);
    const { id, link } = await management.create(asker(c), parseCreation(fields));
    const headers = { ...NO_STORE, Location: `/api/documents/${id}` };
    return c.json({ id, ...(link !== undefined && { link: newLink(link) }) }, 201, headers);
  });
  app.get(DOCUMENT, async (c) => {
    const { role, ...summary } = await management.describe(asker(c), documentOf(c));
    return c.json({ ...listedDocument(summary), role, mode: management.mode }, 200, NO_STORE);
  });
  app.delete(DOCUMENT, async (c) => {
    await management.remove(asker(c), documentOf(c));
    return done(c);
  });
  app.post(`${DOCUMENT}/restore`, async (c) => {
    await management.restore(asker(c), documentOf(c));
    return done(c);
  });
}

function addLinks(app: Hono<HttpEnv>, { links, limits, clock }: ApiDeps): void {
  app.get(`${DOCUMENT}/links`, async (c) => {
    const all = await links.list(asker(c), documentOf(c));
    return c.json({ links: all.map(listedLink) }, 200, NO_STORE);
  });
  app.post(`${DOCUMENT}/links`, async (c) => {
    const id = documentOf(c);
    const fields = await bodyOf(c, limits, LINK_FIELDS);
    const made = await links.make(asker(c), id, parseWantedLink(fields, clock.wall()));
    return c.json(newLink(made), 201, NO_STORE);
  });
  app.delete(`${DOCUMENT}/links/:link`, async (c) => {
    await links.revoke(asker(c), documentOf(c), parseLinkName(c.req.param('link')));
    return done(c);
  });
}

function asker(c: Call): Credentials {
  return credentialsOf(c.env.incoming, c.get('client'));
}

/** @throws CoscribeError `invalid-document-id` */
function documentOf(c: Call): DocumentId {
  return parseDocumentId(`${c.req.param('workspace')}/${c.req.param('name')}`);
}

function bodyOf(c: Call, { maxBodyBytes }: ApiDeps['limits'], known: readonly string[]): Promise<Fields> {
  return readFields(c.env.incoming, maxBodyBytes, known);
}

function done(c: Call): Response {
  return c.body(null, 204, NO_STORE);
}
