import type { Hono } from 'hono';
import { CoscribeError } from '../../../shared/errors.js';
import type { AdminListQuery } from '../../admin/admin.js';
import type { ApiDeps } from '../api-deps.js';
import { type Call, documentOf, done, type HttpEnv, NO_STORE } from '../call.js';
import { DATA_ONLY } from '../content.js';
import { parseListQuery } from '../document-list.js';
import { operatorAsker } from '../operator-asker.js';
import { queryOf } from '../query.js';
import { exportOf } from './exports.js';

const ADMIN = '/api/admin';
const DOCUMENT = `${ADMIN}/documents/:workspace/:name`;
const ORDERS = ['traffic', 'updated', 'name'] as const;

/** Adds what operators see and do. Whoever is none learns no more than that. */
export function addAdmin(app: Hono<HttpEnv>, { admin, copies }: ApiDeps): void {
  const operatorOf = async (c: Call) => (await admin.operator(operatorAsker(c))).actor;

  app.get(ADMIN, async (c) => {
    await operatorOf(c);
    queryOf(c);
    return c.json(await admin.overview(), 200, NO_STORE);
  });
  app.get(`${ADMIN}/documents`, async (c) => {
    await operatorOf(c);
    return c.json(await admin.list(parseAdminList(c)), 200, NO_STORE);
  });
  app.get(DOCUMENT, async (c) => {
    await operatorOf(c);
    queryOf(c);
    return c.json(await admin.describe(documentOf(c)), 200, NO_STORE);
  });
  app.post(`${DOCUMENT}/compact`, async (c) => {
    const by = await operatorOf(c);
    queryOf(c);
    return c.json(await admin.compact(by, documentOf(c)), 200, NO_STORE);
  });
  app.post(`${DOCUMENT}/verify`, async (c) => {
    const by = await operatorOf(c);
    queryOf(c);
    return c.json(await admin.verify(by, documentOf(c)), 200, NO_STORE);
  });
  app.get(`${DOCUMENT}/export`, async (c) => {
    const by = await operatorOf(c);
    const id = documentOf(c);
    const { view, headers } = exportOf(c);
    const { body } = await copies.view(id, view);
    admin.exported(by, id);
    // The bytes are of one buffer of their own.
    return c.body(body as Uint8Array<ArrayBuffer>, 200, { ...DATA_ONLY, ...NO_STORE, ...headers });
  });
  app.delete(`${ADMIN}/sessions/:session`, async (c) => {
    const by = await operatorOf(c);
    queryOf(c);
    await admin.endSession(by, nameOf(c, 'session'));
    return done(c);
  });
  app.post(`${ADMIN}/nodes/:node/drain`, async (c) => {
    const by = await operatorOf(c);
    queryOf(c);
    await admin.drain(by, nameOf(c, 'node'));
    return done(c);
  });
  app.delete(`${ADMIN}/nodes/:node/drain`, async (c) => {
    const by = await operatorOf(c);
    queryOf(c);
    await admin.resume(by, nameOf(c, 'node'));
    return done(c);
  });
}

/** @throws CoscribeError `bad-request` */
function parseAdminList(c: Call): AdminListQuery {
  const { order = 'traffic', ...query } = queryOf(c, ['order', 'prefix', 'limit']);
  const known = ORDERS.find((one) => one === order);
  if (known === undefined) throw new CoscribeError('bad-request', `"order" is one of ${ORDERS.join(', ')}`);
  const { prefix = '', limit } = parseListQuery(query);
  return { order: known, prefix, limit };
}

/** The name of a node or a session in an address. @throws CoscribeError `not-found` for what can be none */
function nameOf(c: Call, parameter: 'node' | 'session'): string {
  const name = c.req.param(parameter) ?? '';
  if (!/^[\w.-]{1,160}$/.test(name)) throw new CoscribeError('not-found', `there is no such ${parameter}`);
  return name;
}
