import type { Answer, Header } from '../openapi.js';
import type { Plan } from '../plan.js';

const ETAG: Header = {
  description: 'Which edition this is.',
  required: true,
  schema: { type: 'string', pattern: '^W/"[!#-~]+"$' },
};
const SAME: Answer = { description: 'It is what `If-None-Match` names.', headers: { ETag: ETAG } };

/** The description describes itself. */
export const DESCRIPTION_PATHS: readonly Plan[] = [
  {
    method: 'get',
    path: '/api',
    operationId: 'readReference',
    tag: 'Description',
    summary: 'Read this page',
    description: 'The description as a page for people.',
    role: 'anybody',
    forAll: true,
    answers: {
      200: {
        description: 'The page.',
        headers: { ETag: ETAG },
        content: { 'text/html; charset=utf-8': { schema: { type: 'string' } } },
      },
      304: SAME,
    },
    codes: [],
  },
  {
    method: 'get',
    path: '/api/openapi.json',
    operationId: 'readDescription',
    tag: 'Description',
    summary: 'Read the description',
    description: 'For programs: OpenAPI 3.1. Pages of every origin may read it.',
    role: 'anybody',
    forAll: true,
    answers: {
      200: {
        description: 'The description.',
        headers: { ETag: ETAG },
        content: { 'application/json': { schema: { type: 'object' } } },
      },
      304: SAME,
    },
    codes: [],
  },
];
