import { ROLES } from '../../../../shared/protocol.js';
import type { Schema } from '../openapi.js';
import { schemaRef } from '../schema-ref.js';

const PART = '[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}';

const LISTED = {
  id: schemaRef('DocumentId'),
  workspace: schemaRef('NamePart'),
  name: schemaRef('NamePart'),
  head: schemaRef('Seq'),
  createdAt: schemaRef('Time'),
  updatedAt: schemaRef('Time'),
} satisfies Record<string, Schema>;

const ACME_PLAN = {
  id: 'acme/plan',
  workspace: 'acme',
  name: 'plan',
  head: 128,
  createdAt: '2026-11-02T09:00:00.000Z',
  updatedAt: '2026-11-22T18:30:12.500Z',
};

export const DOCUMENT_SCHEMAS: Readonly<Record<string, Schema>> = {
  NamePart: {
    description: 'A workspace, or the name of a document in it.',
    type: 'string',
    pattern: `^${PART}$`,
    examples: ['plan'],
  },
  DocumentId: {
    description: 'The name of a document with its workspace.',
    type: 'string',
    pattern: `^${PART}/${PART}$`,
    examples: ['acme/plan'],
  },
  GivenDocumentId: {
    description: 'The name of a document. Without a workspace it is in the workspace `default`.',
    type: 'string',
    pattern: `^(${PART}/)?${PART}$`,
    examples: ['acme/plan', 'plan'],
  },
  Time: {
    description: 'ISO 8601, UTC, with milliseconds.',
    type: 'string',
    format: 'date-time',
    pattern: 'Z$',
    examples: ['2026-11-22T18:30:12.500Z'],
  },
  Seq: {
    description:
      'Place in the log of a document: its first change has 1, the next 2, and so on; 0 is before all of them.',
    type: 'integer',
    minimum: 0,
    examples: [128],
  },
  Generation: {
    description:
      'Changes when a document is deleted and made anew, reset, or restored from outside. Compare it, and nothing else.',
    type: 'string',
    minLength: 1,
    examples: ['0b9f2c7e-5d0e-4f6c-9d55-0c8a3b1f7a10'],
  },
  Role: { type: 'string', enum: ROLES, examples: ['editor'] },
  Mode: {
    description:
      'How the server lets people in. `open`: everybody is an owner of everything; `links`: by links to documents; `tokens`: by tokens of an application, and by links.',
    type: 'string',
    enum: ['open', 'links', 'tokens'],
    examples: ['tokens'],
  },
  ListedDocument: {
    type: 'object',
    properties: LISTED,
    required: Object.keys(LISTED),
    examples: [ACME_PLAN],
  },
  DocumentList: {
    type: 'object',
    properties: {
      documents: { type: 'array', items: schemaRef('ListedDocument') },
      next: {
        description: 'Where the list goes on: the `cursor` of the next request. Absent at the end.',
        type: 'string',
      },
    },
    required: ['documents'],
    examples: [{ documents: [ACME_PLAN], next: 'eyJhZnRlciI6ImFjbWUvcGxhbiJ9' }],
  },
  Document: {
    type: 'object',
    properties: {
      ...LISTED,
      role: { ...schemaRef('Role'), description: 'What the asker may do.' },
      mode: schemaRef('Mode'),
    },
    required: [...Object.keys(LISTED), 'role', 'mode'],
    examples: [{ ...ACME_PLAN, role: 'owner', mode: 'tokens' }],
  },
  NewDocument: {
    type: 'object',
    properties: {
      id: { ...schemaRef('GivenDocumentId'), description: 'A fresh name, if absent.' },
      text: { description: 'What is written in it, in the root `text`. Nothing, if absent.', type: 'string' },
    },
    additionalProperties: false,
    examples: [{ id: 'acme/plan', text: 'Hello' }, {}],
  },
  CreatedDocument: {
    type: 'object',
    properties: {
      id: schemaRef('DocumentId'),
      link: {
        ...schemaRef('NewLink'),
        description:
          'In mode `links` only: whoever made the document is its owner by it. Its token is told this once.',
      },
    },
    required: ['id'],
    examples: [{ id: 'acme/plan' }],
  },
  Destination: {
    type: 'object',
    properties: { to: schemaRef('GivenDocumentId') },
    required: ['to'],
    additionalProperties: false,
    examples: [{ to: 'acme/plan-2027' }],
  },
};
