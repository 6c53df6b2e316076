import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'hono';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import type { Credentials } from '../auth/access.js';
import type { Client } from '../edge/client-address.js';
import type { Source } from '../edge/origins.js';
import { credentialsOf } from './credentials.js';
import { prefixOf } from './mount-prefix.js';

/** What Hono's listener gives every request, and the API's first step adds. */
export interface HttpEnv {
  Bindings: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse };
  Variables: {
    client: Client;
    source: Source;
    /** Names the request in the log, and to whoever asked. */
    requestId: string;
    /** Writes the body of the answer himself (`events/hand-over.ts`). */
    writer?: (response: ServerResponse) => void;
  };
}

/** A request to the API, and what is needed to answer it. */
export type Call = Context<HttpEnv>;

/** Where documents are, in addresses of the API. */
export const DOCUMENTS = '/api/documents';
export const DOCUMENT = `${DOCUMENTS}/:workspace/:name`;

export const NO_STORE = { 'Cache-Control': 'no-store' };

/** What the sender shows in order to be let in. */
export function asker(c: Call): Credentials {
  return credentialsOf(c.env.incoming, c.get('client'), c.get('source'));
}

/** The document in the address of a request. @throws CoscribeError `invalid-document-id` */
export function documentOf(c: Call): DocumentId {
  return parseDocumentId(`${c.req.param('workspace')}/${c.req.param('name')}`);
}

/** The address of a document, for the header `Location`: with the prefix under which the application has put the API. */
export function locationOf(c: Call, id: DocumentId): Readonly<Record<'Location', string>> {
  return { Location: `${prefixOf(c.env.incoming)}${DOCUMENTS}/${id}` };
}

/** It is done, and there is nothing to say about it. */
export function done(c: Call): Response {
  return c.body(null, 204, NO_STORE);
}
