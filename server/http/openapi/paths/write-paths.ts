import type { ErrorCode } from '../../../../shared/errors.js';
import { WRITE_CODES } from '../codes.js';
import { headersOf } from '../headers.js';
import type { Method, Parameter, Reference, RequestBody } from '../openapi.js';
import { OF_DOCUMENT, parameterRef } from '../parameters.js';
import type { Plan, Tag } from '../plan.js';
import { schemaRef } from '../schema-ref.js';
import { bodyOf, jsonAnswer } from './bodies.js';

const DOCUMENT = '/api/documents/{workspace}/{name}';

interface Writing {
  readonly method: Method;
  readonly path: string;
  readonly operationId: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly (Parameter | Reference)[];
  readonly body: RequestBody;
  readonly codes: readonly ErrorCode[];
}

/** Content is changed in one way, whatever the change is. */
function writing({ path, parameters = [], codes, description, ...rest }: Writing): Plan {
  return {
    ...rest,
    path: DOCUMENT + path,
    role: 'editor',
    description: `${description} A document that is not there is made by it, if you may create it.`,
    parameters: [...OF_DOCUMENT, ...parameters, parameterRef('ifMatch'), parameterRef('idempotencyKey')],
    answers: {
      200: jsonAnswer('It is on disk.', 'Written', headersOf('ETag', 'Idempotency-Replayed')),
    },
    codes: [...WRITE_CODES, ...codes],
  };
}

const TEXT = bodyOf('text/plain', 'The text, in UTF-8.', { type: 'string' }, 'Hello, world');

/** Content, as it is changed. */
export const WRITE_PATHS: readonly Plan[] = [
  writing({
    method: 'put',
    path: '/text',
    operationId: 'replaceText',
    tag: 'Content',
    summary: 'Replace a text',
    description:
      'The text becomes what you send, by the smallest difference: carets of those who are in it stay where they are, and what others write meanwhile stays as well. Each embed is U+FFFC in it, as in the answer of `GET`: it stays where its U+FFFC is, and is deleted if that is gone. Which are gone is told by the lines that they are in, and by those above and below; if other embeds could as well be meant, if some have changed places, or if there are more U+FFFC than before, it is `patch-failed`. Embeds are made, moved and deleted by their places with `PATCH`. In a text without embeds U+FFFC is a character as others are.',
    parameters: [parameterRef('root')],
    body: TEXT,
    codes: ['wrong-type', 'patch-failed'],
  }),
  writing({
    method: 'post',
    path: '/text',
    operationId: 'appendText',
    tag: 'Content',
    summary: 'Append to a text',
    description: 'What you send is put at the end of the text.',
    parameters: [parameterRef('root')],
    body: TEXT,
    codes: ['wrong-type'],
  }),
  writing({
    method: 'patch',
    path: '/text',
    operationId: 'patchText',
    tag: 'Content',
    summary: 'Patch a text',
    description:
      'Inserts, deletes and formats parts of a text, all of it or nothing. An embed counts as one character, as in the answer of `GET`.',
    parameters: [parameterRef('root')],
    body: bodyOf('application/json', 'The operations.', schemaRef('Delta'), [
      { retain: 5 },
      { insert: ', world', attributes: { bold: true } },
    ]),
    codes: ['wrong-type', 'patch-failed'],
  }),
  writing({
    method: 'patch',
    path: '/json',
    operationId: 'patchJson',
    tag: 'Content',
    summary: 'Patch maps and lists',
    description:
      'Changes roots of the types `Y.Map` and `Y.Array` and what is in them, all of it or nothing. An object becomes a `Y.Map`, an array a `Y.Array`.',
    body: bodyOf('application/json-patch+json', 'The operations.', schemaRef('Patch'), [
      { op: 'add', path: '/board/title', value: 'Plan' },
    ]),
    codes: ['wrong-type', 'patch-failed'],
  }),
  writing({
    method: 'post',
    path: '/updates',
    operationId: 'applyUpdate',
    tag: 'Yjs',
    summary: 'Apply a Yjs update',
    description:
      'An update (version 1) that was made elsewhere, by `Y.encodeStateAsUpdate` or the `update` event. It is checked as the updates of everybody are.',
    body: bodyOf('application/octet-stream', 'The update.', {
      type: 'string',
      contentMediaType: 'application/octet-stream',
    }),
    codes: ['invalid-update', 'update-refused'],
  }),
];
