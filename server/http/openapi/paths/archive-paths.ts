import { BODY_CODES, KEY_CODES } from '../codes.js';
import { headersOf } from '../headers.js';
import type { Parameter } from '../openapi.js';
import { parameterRef } from '../parameters.js';
import type { Plan } from '../plan.js';
import { schemaRef } from '../schema-ref.js';
import { bodyOf, jsonAnswer } from './bodies.js';

const WORKSPACE: Parameter = {
  name: 'workspace',
  in: 'path',
  description: 'The workspace.',
  required: true,
  schema: schemaRef('NamePart'),
  example: 'acme',
};

/** Whole workspaces. */
export const ARCHIVE_PATHS: readonly Plan[] = [
  {
    method: 'get',
    path: '/api/workspaces/{workspace}/export',
    operationId: 'exportWorkspace',
    tag: 'Workspaces',
    summary: 'Export a workspace',
    description:
      'A zip archive of all its documents that you may read: of each the state (`documents/{name}.yjs`), a form for people, and in `manifest.json` where it stood. One that cannot be read is named there with its code. One person exports or imports a few archives at a time.',
    role: 'viewer of what is exported',
    parameters: [WORKSPACE],
    answers: {
      200: {
        description: 'The archive.',
        headers: headersOf('Content-Disposition'),
        content: { 'application/zip': { schema: { type: 'string', contentMediaType: 'application/zip' } } },
      },
    },
    codes: ['invalid-document-id', 'not-allowed', 'server-busy', 'shutting-down'],
  },
  {
    method: 'post',
    path: '/api/workspaces/{workspace}/import',
    operationId: 'importWorkspace',
    tag: 'Workspaces',
    summary: 'Import a workspace',
    description:
      'Makes the documents of an archive, each whole or not at all, all of them written by you. What you may not make fails, each document for itself. In mode `links` every new document has a link in the answer, and no `Idempotency-Key` is taken.',
    role: 'editor',
    parameters: [
      WORKSPACE,
      {
        name: 'existing',
        in: 'query',
        description:
          'What becomes of documents whose names are taken. `skip`: they stay as they are; `fail`: if there is one, nothing is imported (`document-exists`).',
        schema: { type: 'string', enum: ['skip', 'fail'], default: 'skip' },
        example: 'skip',
      },
      parameterRef('idempotencyKey'),
    ],
    body: bodyOf('application/zip', 'The archive.', { type: 'string', contentMediaType: 'application/zip' }),
    answers: {
      200: jsonAnswer('What has become of each document.', 'ImportReport', headersOf('Idempotency-Replayed')),
    },
    codes: [
      ...BODY_CODES,
      ...KEY_CODES,
      'invalid-document-id',
      'document-exists',
      'server-busy',
      'shutting-down',
    ],
  },
];
