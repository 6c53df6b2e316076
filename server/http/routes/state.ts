import type { Hono } from 'hono';
import { CoscribeError } from '../../../shared/errors.js';
import { decodeStateVector } from '../../../shared/state-vector.js';
import type { ApiDeps } from '../api-deps.js';
import type { BodyForm } from '../body.js';
import { DOCUMENT, type HttpEnv } from '../call.js';
import type { Content } from '../content.js';
import { queryOf } from '../query.js';

const BYTES = 'application/octet-stream';
const BASE64URL = /^[\w-]*={0,2}$/;

/** Adds documents as Yjs has them: for programs that have a Yjs library and no connection. */
export function addState(app: Hono<HttpEnv>, { limits }: ApiDeps, content: Content): void {
  const form: BodyForm = { types: [BYTES], mayBeUnsaid: true, maxBytes: limits.maxUpdateBytes };
  const headers = { 'Content-Type': BYTES };
  app.get(`${DOCUMENT}/state`, (c) => {
    const { since } = queryOf(c, ['since']);
    const lacked = since === undefined ? {} : { since: parseSince(since, limits.maxStateVectorBytes) };
    return content.read(c, { view: { as: 'state', ...lacked }, headers });
  });
  app.get(`${DOCUMENT}/state-vector`, (c) => {
    queryOf(c);
    return content.read(c, { view: { as: 'state-vector' }, headers });
  });
  app.post(`${DOCUMENT}/updates`, (c) => {
    queryOf(c);
    return content.write(c, { form, changeBy: (body) => ({ as: 'update', update: body }) });
  });
}

/** @throws CoscribeError `bad-request` */
function parseSince(raw: string, maxBytes: number): Uint8Array {
  const since = Buffer.from(raw, 'base64url');
  if (BASE64URL.test(raw) && since.length <= maxBytes && isStateVector(since)) return since;
  throw new CoscribeError(
    'bad-request',
    `"since" must be a state vector of at most ${maxBytes} bytes in base64url`,
  );
}

function isStateVector(bytes: Uint8Array): boolean {
  try {
    decodeStateVector(bytes);
    return true;
  } catch {
    return false;
  }
}
