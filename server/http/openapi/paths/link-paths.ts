import type { ErrorCode } from '../../../../shared/errors.js';
import { BODY_CODES, DOCUMENT_CODES } from '../codes.js';
import { OF_DOCUMENT, parameterRef } from '../parameters.js';
import type { Plan } from '../plan.js';

import { schemaRef } from '../schema-ref.js';
import { jsonAnswer, jsonBody } from './bodies.js';

const LINKS = '/api/documents/{workspace}/{name}/links';
const CODES: readonly ErrorCode[] = [...DOCUMENT_CODES, 'not-allowed', 'sharing-off'];

/** Links to documents, and tokens. */
export const LINK_PATHS: readonly Plan[] = [
  {
    method: 'get',
    path: LINKS,
    operationId: 'listLinks',
    tag: 'Links',
    summary: 'List the links to a document',
    description: 'Oldest first, also those that have ended, without their tokens.',
    role: 'owner',
    parameters: OF_DOCUMENT,
    answers: { 200: jsonAnswer('All of them.', 'LinkList') },
    codes: CODES,
  },
  {
    method: 'post',
    path: LINKS,
    operationId: 'makeLink',
    tag: 'Links',
    summary: 'Make a link',
    description: 'A document has 100 links at most.',
    role: 'owner',
    parameters: OF_DOCUMENT,
    body: jsonBody('What it is for.', schemaRef('WantedLink'), {
      role: 'viewer',
      label: 'For review',
      expiresIn: 604_800,
    }),
    answers: { 201: jsonAnswer('The link, with its token.', 'NewLink') },
    codes: [...CODES, ...BODY_CODES, 'too-many-links'],
  },
  {
    method: 'delete',
    path: `${LINKS}/{link}`,
    operationId: 'revokeLink',
    tag: 'Links',
    summary: 'Revoke a link',
    description: 'Whoever has come with it is out: on this node at once, on others within 2.2 s.',
    role: 'owner',
    parameters: [...OF_DOCUMENT, parameterRef('link')],
    answers: { 204: { description: 'It opens nothing any more.' } },
    codes: [...CODES, 'not-found'],
  },
  {
    method: 'post',
    path: '/api/revocations',
    operationId: 'revokeTokens',
    tag: 'Operators',
    summary: 'Revoke tokens',
    description:
      'What was issued up to now to a user, or one token, counts no more. Sessions that have it end: on this node at once, on others within 2.2 s.',
    role: 'operator',
    body: jsonBody('Whose tokens, or which one.', schemaRef('Revocation'), { user: 'ann' }),
    answers: { 204: { description: 'They count no more.' } },
    codes: [...BODY_CODES, 'not-allowed'],
  },
];
