import { ERRORS } from '../../../../shared/errors.js';
import type { Schema } from '../openapi.js';
import { schemaRef } from '../schema-ref.js';

const LINK = {
  id: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'Names the link; it opens nothing.' },
  role: schemaRef('Role'),
  label: { type: 'string', maxLength: 100, description: 'One line, for the owners of the document.' },
  createdAt: schemaRef('Time'),
  expiresAt: { ...schemaRef('Time'), description: 'Absent if it does not end.' },
} satisfies Record<string, Schema>;

const LINK_REQUIRED = ['id', 'role', 'label', 'createdAt'];

const FOR_REVIEW = {
  id: 'q8ZtLw1xUeo',
  role: 'viewer',
  label: 'For review',
  createdAt: '2026-11-22T18:30:12.500Z',
};

/** Links, tokens and refusals. */
export const ACCESS_SCHEMAS: Readonly<Record<string, Schema>> = {
  ListedLink: {
    type: 'object',
    properties: {
      ...LINK,
      current: { type: 'boolean', description: 'It is the link that the request came with.' },
    },
    required: [...LINK_REQUIRED, 'current'],
    examples: [{ ...FOR_REVIEW, current: false }],
  },
  LinkList: {
    type: 'object',
    properties: { links: { type: 'array', items: schemaRef('ListedLink') } },
    required: ['links'],
    examples: [{ links: [{ ...FOR_REVIEW, current: false }] }],
  },
  NewLink: {
    type: 'object',
    properties: {
      ...LINK,
      token: {
        type: 'string',
        pattern: '^link_[A-Za-z0-9_-]{43}$',
        description: 'The secret. It is told this once, and kept nowhere.',
      },
      path: { type: 'string', description: 'The page that the link opens, with the token behind `#`.' },
    },
    required: [...LINK_REQUIRED, 'token', 'path'],
    examples: [
      {
        ...FOR_REVIEW,
        token: 'link_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
        path: '/d/acme/plan#link_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      },
    ],
  },
  WantedLink: {
    description: 'It ends at `expiresAt`, or in `expiresIn` seconds, or never; not both are given.',
    type: 'object',
    properties: {
      role: schemaRef('Role'),
      label: LINK.label,
      expiresAt: {
        description: 'ISO 8601, in the future, before the year 10000.',
        type: 'string',
        format: 'date-time',
      },
      expiresIn: { description: 'Seconds.', type: 'integer', minimum: 1, maximum: 1_000_000_000 },
    },
    required: ['role'],
    additionalProperties: false,
    examples: [{ role: 'viewer', label: 'For review', expiresIn: 604_800 }],
  },
  Revocation: {
    oneOf: [
      {
        title: 'All tokens of a user',
        type: 'object',
        properties: { user: { type: 'string', minLength: 1, maxLength: 128 } },
        required: ['user'],
        additionalProperties: false,
      },
      {
        title: 'One token',
        type: 'object',
        properties: {
          tokenId: {
            type: 'string',
            minLength: 1,
            maxLength: 128,
            description: 'Of a JSON Web Token: its `jti`.',
          },
        },
        required: ['tokenId'],
        additionalProperties: false,
      },
    ],
    examples: [{ user: 'ann' }],
  },
  Moved: {
    description: 'The document has another name; nothing was done. Otherwise as a `Problem`.',
    type: 'object',
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { const: 308 },
      detail: { type: 'string' },
      code: { const: 'document-moved' },
      retryable: { const: false },
      movedTo: { description: 'The name that it has now.', ...schemaRef('DocumentId') },
    },
    required: ['type', 'title', 'status', 'detail', 'code', 'retryable', 'movedTo'],
    examples: [
      {
        type: 'urn:coscribe:error:document-moved',
        title: ERRORS['document-moved'].sentence,
        status: 308,
        detail: `${ERRORS['document-moved'].sentence} (nothing was done: send the same request to archive/plan)`,
        code: 'document-moved',
        retryable: false,
        movedTo: 'archive/plan',
      },
    ],
  },
  Problem: {
    description:
      'Why something was refused, or failed (RFC 9457). Programs decide by `code`; sentences may be reworded.',
    type: 'object',
    properties: {
      type: { type: 'string', pattern: '^urn:coscribe:error:[a-z-]+$' },
      title: { type: 'string', description: 'What such an error is.' },
      status: { type: 'integer', minimum: 400, maximum: 599 },
      detail: { type: 'string', description: 'What was wrong this time.' },
      code: { type: 'string', enum: Object.keys(ERRORS) },
      retryable: { type: 'boolean', description: 'Whether the same request, sent again later, can succeed.' },
    },
    required: ['type', 'title', 'status', 'detail', 'code', 'retryable'],
    examples: [
      {
        type: 'urn:coscribe:error:no-access',
        title: ERRORS['no-access'].sentence,
        status: 404,
        detail: ERRORS['no-access'].sentence,
        code: 'no-access',
        retryable: false,
      },
    ],
  },
};
