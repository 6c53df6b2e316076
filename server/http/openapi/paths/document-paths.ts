import { CREATE_CODES, DOCUMENT_CODES, KEY_CODES, READ_CODES } from '../codes.js';
import { headersOf } from '../headers.js';
import type { Answer, Parameter, RequestBody } from '../openapi.js';
import { OF_DOCUMENT, parameterRef } from '../parameters.js';
import type { Plan } from '../plan.js';
import { schemaRef } from '../schema-ref.js';
import { jsonAnswer, jsonBody } from './bodies.js';

const DOCUMENT = '/api/documents/{workspace}/{name}';
const NOTHING: Answer = { description: 'Done.', headers: headersOf('Idempotency-Replayed') };

const DESTINATION: RequestBody = jsonBody('The name that it gets.', schemaRef('Destination'), {
  to: 'acme/plan-2027',
});

/** Of what is made there is no version yet. */
const IF_ABSENT: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  description: 'Only `*`: that the name must not be taken, in so many words.',
  schema: { type: 'string', const: '*' },
};

/** Documents as a whole. */
export const DOCUMENT_PATHS: readonly Plan[] = [
  {
    method: 'get',
    path: '/api/documents',
    operationId: 'listDocuments',
    tag: 'Documents',
    summary: 'List documents',
    description:
      'The documents that you may read, a page at a time. Where an application or links say who may read what, each page looks at 500 documents at most; it may be shorter than `limit`, or empty, and still have a `next`.',
    role: 'viewer of what is listed',
    parameters: [
      {
        name: 'workspace',
        in: 'query',
        description: 'Only documents of this workspace.',
        schema: schemaRef('NamePart'),
        example: 'acme',
      },
      {
        name: 'prefix',
        in: 'query',
        description: 'Only documents whose names begin so.',
        schema: { type: 'string' },
        example: 'plan',
      },
      {
        name: 'order',
        in: 'query',
        description: '`updated`: last edited first; `created`: newest first; `name`: by workspace and name.',
        schema: { type: 'string', enum: ['updated', 'created', 'name'], default: 'updated' },
        example: 'updated',
      },
      {
        name: 'limit',
        in: 'query',
        description: 'How many at most.',
        schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
        example: 50,
      },
      {
        name: 'cursor',
        in: 'query',
        description: 'The `next` of the page before, with the same parameters otherwise.',
        schema: { type: 'string' },
      },
    ],
    answers: { 200: jsonAnswer('A page of the list.', 'DocumentList') },
    codes: ['invalid-document-id'],
  },
  {
    method: 'post',
    path: '/api/documents',
    operationId: 'createDocument',
    tag: 'Documents',
    summary: 'Create a document',
    description:
      'A document of a name that nothing has yet, nor had lately; with `If-None-Match: *` a name that is taken is `precondition-failed`. In mode `links` anybody may; the answer has a link that makes him its owner, and therefore no `Idempotency-Key` is taken there: a token is told once.',
    role: 'editor',
    parameters: [IF_ABSENT, parameterRef('idempotencyKey')],
    body: jsonBody('What it is called, and what is in it.', schemaRef('NewDocument'), {
      id: 'acme/plan',
      text: 'Hello',
    }),
    answers: {
      201: jsonAnswer('It is there.', 'CreatedDocument', headersOf('Location', 'Idempotency-Replayed')),
    },
    codes: [...CREATE_CODES, 'precondition-failed', 'update-too-large', 'document-too-large'],
  },
  {
    method: 'get',
    path: DOCUMENT,
    operationId: 'getDocument',
    tag: 'Documents',
    summary: 'Where a document stands',
    description:
      'And what you may do there. Its `ETag` is one for each role; `If-Match` takes it for that of the content as well.',
    role: 'viewer',
    parameters: [...OF_DOCUMENT, parameterRef('ifNoneMatch'), parameterRef('ifMatch')],
    answers: {
      200: jsonAnswer('Where it stands.', 'Document', headersOf('ETag')),
      304: { description: 'It is what `If-None-Match` names.', headers: headersOf('ETag') },
    },
    codes: [...DOCUMENT_CODES, 'document-deleted', 'document-moved', 'precondition-failed'],
  },
  {
    method: 'delete',
    path: DOCUMENT,
    operationId: 'deleteDocument',
    tag: 'Documents',
    summary: 'Delete a document',
    description:
      'Whoever has it open is told, on this node at once, on others within 2.2 s. Its owners can restore it until it is erased for good; until then it is `document-deleted` if they delete it again.',
    role: 'owner',
    parameters: [...OF_DOCUMENT, parameterRef('ifMatch'), parameterRef('idempotencyKey')],
    answers: { 204: NOTHING },
    codes: [
      ...DOCUMENT_CODES,
      ...KEY_CODES,
      'not-allowed',
      'document-deleted',
      'document-moved',
      'precondition-failed',
    ],
  },
  {
    method: 'post',
    path: `${DOCUMENT}/restore`,
    operationId: 'restoreDocument',
    tag: 'Documents',
    summary: 'Restore a document',
    description: 'Undoes a deletion: it is what it was. A document that is not deleted stays as it is.',
    role: 'owner',
    parameters: [...OF_DOCUMENT, parameterRef('idempotencyKey')],
    answers: { 204: NOTHING },
    codes: [...DOCUMENT_CODES, ...KEY_CODES, 'not-allowed'],
  },
  {
    method: 'post',
    path: `${DOCUMENT}/move`,
    operationId: 'moveDocument',
    tag: 'Documents',
    summary: 'Rename a document',
    description:
      'It stays what it is, under another name, in another workspace if you like, and its links with it. Whoever has it open is told `document-moved`.',
    role: 'owner here, and editor of the new name',
    parameters: [...OF_DOCUMENT, parameterRef('ifMatch'), parameterRef('idempotencyKey')],
    body: DESTINATION,
    answers: {
      200: jsonAnswer('It has its new name.', 'Document', headersOf('Location', 'Idempotency-Replayed')),
    },
    codes: [...CREATE_CODES, 'document-deleted', 'document-moved', 'precondition-failed'],
  },
  {
    method: 'post',
    path: `${DOCUMENT}/copy`,
    operationId: 'copyDocument',
    tag: 'Documents',
    summary: 'Copy a document',
    description:
      'A new document with the content of this one. It has no links, and all of it counts as written by you.',
    role: 'viewer here, and editor of the new name',
    parameters: [...OF_DOCUMENT, parameterRef('ifMatch'), parameterRef('idempotencyKey')],
    body: DESTINATION,
    answers: {
      201: jsonAnswer('The copy is there.', 'CreatedDocument', headersOf('Location', 'Idempotency-Replayed')),
    },
    codes: [...CREATE_CODES, ...READ_CODES, 'precondition-failed', 'update-too-large', 'document-too-large'],
  },
];
