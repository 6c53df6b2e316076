import type { Hono } from 'hono';
import type { ApiDeps } from '../api-deps.js';
import { type BodyForm, parseJson } from '../body.js';
import { DOCUMENT, type HttpEnv } from '../call.js';
import type { Content } from '../content.js';
import { parsePatch } from '../parse-changes.js';
import { queryOf } from '../query.js';
import { rootOf } from '../roots.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Adds documents as JSON: all of their shared types or one, and patches of them. */
export function addJson(app: Hono<HttpEnv>, { limits }: ApiDeps, content: Content): void {
  const path = `${DOCUMENT}/json`;
  const patch: BodyForm = { types: ['application/json-patch+json'], maxBytes: limits.maxUpdateBytes };
  app.get(path, (c) => {
    const query = queryOf(c, ['root']);
    const root = query.root === undefined ? {} : { root: rootOf(query) };
    return content.read(c, { view: { as: 'json', ...root }, headers: JSON_TYPE });
  });
  app.patch(path, (c) => {
    queryOf(c);
    return content.write(c, {
      form: patch,
      changeBy: (body) => ({ as: 'json-patch', operations: parsePatch(parseJson(body)) }),
    });
  });
}
