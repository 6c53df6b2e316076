import type { Hono } from 'hono';
import type { ApiDeps } from '../api-deps.js';
import {
  LINK_FIELDS,
  parseLinkName,
  parseRevocation,
  parseWantedLink,
  REVOCATION_FIELDS,
} from '../api-requests.js';
import { asker, DOCUMENT, documentOf, done, type HttpEnv, NO_STORE } from '../call.js';
import { refuseKey } from '../idempotency.js';
import { readFields } from '../json-body.js';
import { queryOf } from '../query.js';
import { listedLink, newLink } from '../shown-link.js';

/** Adds what owners do with links, and operators with tokens. */
export function addLinks(app: Hono<HttpEnv>, { links, management, limits, clock }: ApiDeps): void {
  const { maxBodyBytes } = limits;
  app.get(`${DOCUMENT}/links`, async (c) => {
    queryOf(c);
    const all = await links.list(asker(c), documentOf(c));
    return c.json({ links: all.map(listedLink) }, 200, NO_STORE);
  });
  app.post(`${DOCUMENT}/links`, async (c) => {
    queryOf(c);
    refuseKey(c);
    const id = documentOf(c);
    const fields = await readFields(c.env.incoming, maxBodyBytes, LINK_FIELDS);
    const made = await links.make(asker(c), id, parseWantedLink(fields, clock.wall()));
    return c.json(newLink(made), 201, NO_STORE);
  });
  app.delete(`${DOCUMENT}/links/:link`, async (c) => {
    queryOf(c);
    await links.revoke(asker(c), documentOf(c), parseLinkName(c.req.param('link')));
    return done(c);
  });
  app.post('/api/revocations', async (c) => {
    queryOf(c);
    const fields = await readFields(c.env.incoming, maxBodyBytes, REVOCATION_FIELDS);
    await management.revokeTokens(asker(c), parseRevocation(fields));
    return done(c);
  });
}
