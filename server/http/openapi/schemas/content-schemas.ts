import type { Schema } from '../openapi.js';
import { schemaRef } from '../schema-ref.js';

const ATTRIBUTES: Schema = {
  description: 'Formats, by name. `null` takes one away.',
  type: 'object',
};

/** Not the document itself. */
const PLACE: Schema = { ...schemaRef('JsonPointer'), minLength: 1 };

/** Content, as it is read and changed. */
export const CONTENT_SCHEMAS: Readonly<Record<string, Schema>> = {
  Written: {
    description: 'Where the document stands after a change. Others may have changed it as well.',
    type: 'object',
    properties: {
      seq: schemaRef('Seq'),
      generation: schemaRef('Generation'),
      changed: {
        description: '`false` if there was nothing to change, so that nothing was written.',
        type: 'boolean',
      },
    },
    required: ['seq', 'generation', 'changed'],
    examples: [{ seq: 129, generation: '0b9f2c7e-5d0e-4f6c-9d55-0c8a3b1f7a10', changed: true }],
  },
  Delta: {
    description:
      'Operations in the form of Quill deltas, from the beginning of the text on. Lengths count UTF-16 code units; an embed is one. Each has exactly one of `retain`, `insert` and `delete`.',
    type: 'array',
    items: schemaRef('DeltaOperation'),
    examples: [[{ retain: 5 }, { insert: ', world', attributes: { bold: true } }, { delete: 1 }]],
  },
  Contents: {
    description: 'A whole text as a delta: nothing but `insert`s. Into an empty text `PATCH` puts just this.',
    type: 'array',
    items: schemaRef('DeltaOperation'),
    examples: [[{ insert: 'Hello', attributes: { bold: true } }, { insert: { image: 'a.png' } }]],
  },
  DeltaOperation: {
    oneOf: [
      {
        title: 'Retain',
        type: 'object',
        properties: { retain: { type: 'integer', minimum: 1 }, attributes: ATTRIBUTES },
        required: ['retain'],
        additionalProperties: false,
      },
      {
        title: 'Insert',
        type: 'object',
        properties: {
          insert: {
            description: 'Text, or an object that stands for something embedded.',
            oneOf: [{ type: 'string', minLength: 1 }, { type: 'object' }],
          },
          attributes: ATTRIBUTES,
        },
        required: ['insert'],
        additionalProperties: false,
      },
      {
        title: 'Delete',
        type: 'object',
        properties: { delete: { type: 'integer', minimum: 1 } },
        required: ['delete'],
        additionalProperties: false,
      },
    ],
    examples: [{ retain: 5 }],
  },
  Patch: {
    description:
      'Operations of a JSON patch (RFC 6902). The first part of a path names a root type. They are carried out one after the other, all of them or none.',
    type: 'array',
    items: schemaRef('PatchOperation'),
    examples: [
      [
        { op: 'test', path: '/board/title', value: 'Plan' },
        { op: 'add', path: '/board/done', value: ['milk'] },
      ],
    ],
  },
  PatchOperation: {
    oneOf: [
      {
        type: 'object',
        properties: {
          op: { type: 'string', enum: ['add', 'replace', 'test'] },
          path: PLACE,
          value: { description: 'Any JSON.' },
        },
        required: ['op', 'path', 'value'],
        additionalProperties: false,
      },
      {
        type: 'object',
        properties: { op: { type: 'string', const: 'remove' }, path: PLACE },
        required: ['op', 'path'],
        additionalProperties: false,
      },
      {
        type: 'object',
        properties: {
          op: { type: 'string', enum: ['move', 'copy'] },
          path: PLACE,
          from: PLACE,
        },
        required: ['op', 'path', 'from'],
        additionalProperties: false,
      },
    ],
    examples: [{ op: 'replace', path: '/board/title', value: 'Plan' }],
  },
  JsonPointer: {
    description: 'RFC 6901: `~` is written `~0` in it, and `/` is `~1`.',
    type: 'string',
    pattern: '^(/([^~/]|~[01])*)*$',
    examples: ['/board/title'],
  },
};
