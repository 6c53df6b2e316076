import { ERRORS } from '../../../../shared/errors.js';
import type { Schema } from '../openapi.js';
import { schemaRef } from '../schema-ref.js';

export const ARCHIVE_SCHEMAS: Readonly<Record<string, Schema>> = {
  ImportReport: {
    type: 'object',
    properties: { documents: { type: 'array', items: schemaRef('ImportedDocument') } },
    required: ['documents'],
    examples: [{ documents: [{ name: 'plan', result: 'created' }] }],
  },
  ImportedDocument: {
    type: 'object',
    properties: {
      name: { type: 'string', description: 'As it stands in the archive.' },
      result: { type: 'string', enum: ['created', 'skipped', 'failed'] },
      code: { type: 'string', enum: Object.keys(ERRORS), description: 'Why it was not created.' },
      detail: { type: 'string', description: 'The same as a sentence.' },
      link: {
        ...schemaRef('NewLink'),
        description:
          'In mode `links` only: whoever imported the document is its owner by it. Its token is told this once.',
      },
    },
    required: ['name', 'result'],
    examples: [{ name: 'plan', result: 'created' }],
  },
};
