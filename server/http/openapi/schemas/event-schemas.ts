import { ERRORS } from '../../../../shared/errors.js';
import type { Schema } from '../openapi.js';
import { schemaRef } from '../schema-ref.js';

/** What is in the `data` of server-sent events. */
export const EVENT_SCHEMAS: Readonly<Record<string, Schema>> = {
  SnapshotEvent: {
    description: 'What is followed, as it is now: `text` or `json`, as was asked for.',
    type: 'object',
    properties: {
      seq: schemaRef('Seq'),
      generation: schemaRef('Generation'),
      text: { type: 'string' },
      delta: {
        ...schemaRef('Delta'),
        description: 'The text with its formats and what is embedded, if it has any.',
      },
      json: { description: 'Any JSON.' },
    },
    required: ['seq', 'generation'],
    examples: [{ seq: 128, generation: '0b9f2c7e-5d0e-4f6c-9d55-0c8a3b1f7a10', text: 'Hello' }],
  },
  DeltaEvent: {
    description: 'What has changed in a text.',
    type: 'object',
    properties: { seq: schemaRef('Seq'), delta: schemaRef('Delta') },
    required: ['seq', 'delta'],
    examples: [{ seq: 129, delta: [{ retain: 5 }, { insert: ', world' }] }],
  },
  PatchEvent: {
    description: 'What has changed in maps and lists. Paths begin at what is followed: all roots, or one.',
    type: 'object',
    properties: { seq: schemaRef('Seq'), patch: { type: 'array', items: schemaRef('FollowedOperation') } },
    required: ['seq', 'patch'],
    examples: [{ seq: 129, patch: [{ op: 'replace', path: '/board/title', value: 'Plan' }] }],
  },
  FollowedOperation: {
    description: 'Of a JSON patch (RFC 6902).',
    oneOf: [
      {
        type: 'object',
        properties: {
          op: { type: 'string', enum: ['add', 'replace'] },
          path: schemaRef('JsonPointer'),
          value: { description: 'Any JSON.' },
        },
        required: ['op', 'path', 'value'],
      },
      {
        type: 'object',
        properties: { op: { type: 'string', const: 'remove' }, path: schemaRef('JsonPointer') },
        required: ['op', 'path'],
      },
    ],
    examples: [{ op: 'replace', path: '/board/title', value: 'Plan' }],
  },
  PresenceEvent: {
    description: 'Who is there, by clientID; `null` has left.',
    type: 'object',
    properties: {
      whole: { const: true, description: 'These are all; absent if they are those who have changed.' },
      states: { type: 'object', additionalProperties: { type: ['object', 'null'] } },
    },
    required: ['states'],
    examples: [
      {
        whole: true,
        states: { '2718281828': { user: { name: 'Ann', color: '#3d4fb8' } }, '31415926': null },
      },
    ],
  },
  AccessEvent: {
    description: 'You may do something else from now on.',
    type: 'object',
    properties: { role: schemaRef('Role') },
    required: ['role'],
    examples: [{ role: 'viewer' }],
  },
  RenewEvent: {
    description: 'Your token ends soon: come back with a new one.',
    type: 'object',
    properties: {},
    examples: [{}],
  },
  EndEvent: {
    description:
      'Why nothing more comes. An `EventSource` asks again by itself; what is not `retryable` is refused then.',
    type: 'object',
    properties: {
      code: { type: 'string', enum: Object.keys(ERRORS) },
      message: { type: 'string' },
      retryable: { type: 'boolean' },
    },
    required: ['code', 'message', 'retryable'],
    examples: [{ code: 'shutting-down', message: ERRORS['shutting-down'].sentence, retryable: true }],
  },
};
