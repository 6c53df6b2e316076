import { READ_CODES } from '../codes.js';
import { OF_DOCUMENT, parameterRef } from '../parameters.js';
import type { Plan } from '../plan.js';
import { schemaRef } from '../schema-ref.js';

const EXAMPLE = [
  'retry: 2600',
  '',
  'event: snapshot',
  'id: 128-0b9f2c7e',
  'data: {"seq":128,"generation":"0b9f2c7e","text":"Hello"}',
  '',
  'event: delta',
  'id: 129-0b9f2c7e',
  'data: {"seq":129,"delta":[{"retain":5},{"insert":", world"}]}',
  '',
  '',
].join('\n');

/** Documents, as they change. */
export const EVENT_PATHS: readonly Plan[] = [
  {
    method: 'get',
    path: '/api/documents/{workspace}/{name}/events',
    operationId: 'followDocument',
    tag: 'Followers',
    summary: 'Follow a document',
    description:
      'Server-sent events: first a `snapshot`, then what changes it, as it is committed. Who comes back with the id of the last event that he has seen (an `EventSource` does that by itself) gets what came after it, or a `snapshot` again. Who sends `Accept: text/event-stream`, as an `EventSource` does, is told of refusals that are `retryable` in a stream that ends at once: after any status but 200 it would not come back. Who might make a document may follow it before anybody has: the first `snapshot` is empty then, of the generation `none`.',
    role: 'viewer',
    parameters: [
      ...OF_DOCUMENT,
      parameterRef('anyRoot'),
      {
        name: 'as',
        in: 'query',
        description:
          '`text`: one root as a text, its changes as deltas; `json`: one root or all of them as JSON, its changes as JSON patches.',
        schema: { type: 'string', enum: ['text', 'json'], default: 'text' },
        example: 'text',
      },
      {
        name: 'presence',
        in: 'query',
        description: '`yes`: also who is in the document, and where.',
        schema: { type: 'string', enum: ['yes', 'no'], default: 'no' },
        example: 'no',
      },
      {
        name: 'token',
        in: 'query',
        description:
          'For an `EventSource` of a browser, which sends no `Authorization`. Use tokens that are short-lived: addresses are written down in many places.',
        schema: { type: 'string' },
      },
      {
        name: 'lastEventId',
        in: 'query',
        description: 'As `Last-Event-ID`, for who cannot send that.',
        schema: { type: 'string' },
      },
      {
        name: 'Last-Event-ID',
        in: 'header',
        description: 'The id of the last event that was seen.',
        schema: { type: 'string' },
        example: '128-0b9f2c7e',
      },
    ],
    answers: {
      200: {
        description: 'Events, until one of both sides ends it.',
        content: {
          'text/event-stream; charset=utf-8': {
            schema: { type: 'string' },
            example: EXAMPLE,
            'x-events': {
              snapshot: schemaRef('SnapshotEvent'),
              delta: schemaRef('DeltaEvent'),
              patch: schemaRef('PatchEvent'),
              presence: schemaRef('PresenceEvent'),
              access: schemaRef('AccessEvent'),
              renew: schemaRef('RenewEvent'),
              end: schemaRef('EndEvent'),
            },
          },
        },
      },
    },
    codes: [...READ_CODES, 'wrong-type', 'document-full', 'too-many-connections', 'too-many-joins'],
  },
];
