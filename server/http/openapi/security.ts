import type { AccessMode } from '../../auth/access.js';
import type { Security, SecurityScheme } from './openapi.js';
import type { Plan } from './plan.js';

const BEARER: SecurityScheme = {
  type: 'http',
  scheme: 'bearer',
  description: 'The token of a link (`link_…`), or of an application that the server trusts.',
};

const COOKIE: SecurityScheme = {
  type: 'apiKey',
  in: 'cookie',
  name: 'session',
  description:
    'Cookies of the application that has Coscribe in it. What they are called is its own affair: `session` stands for them.',
};

/** How somebody may say who he is. */
export function securitySchemes(mode: AccessMode): Readonly<Record<string, SecurityScheme>> {
  return mode === 'tokens' ? { bearer: BEARER, cookie: COOKIE } : { bearer: BEARER };
}

/** What an operation asks for. */
export function securityOf(mode: AccessMode, { forAll, operationId }: Plan): Security {
  if (forAll === true) return [];
  if (mode === 'open') return [{}, { bearer: [] }];
  if (mode === 'tokens') return [{ bearer: [] }, { cookie: [] }];
  // Anybody may make a document, and list the ones that he may read, which are none without a link.
  return FOR_STRANGERS.includes(operationId) ? [{}, { bearer: [] }] : [{ bearer: [] }];
}

const FOR_STRANGERS = ['createDocument', 'listDocuments'];
