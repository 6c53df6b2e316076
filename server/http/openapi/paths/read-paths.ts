import type { ErrorCode } from '../../../../shared/errors.js';
import { READ_CODES } from '../codes.js';
import { headersOf } from '../headers.js';
import type { Answer, MediaType, Parameter, Reference } from '../openapi.js';
import { OF_DOCUMENT, parameterRef } from '../parameters.js';
import type { Plan, Tag } from '../plan.js';
import { schemaRef } from '../schema-ref.js';

const DOCUMENT = '/api/documents/{workspace}/{name}';

interface Reading {
  readonly path: string;
  readonly operationId: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly (Parameter | Reference)[];
  readonly answer: Answer;
  readonly codes?: readonly ErrorCode[];
}

/** Content is read in one way, whatever it is read as. */
function reading({ path, parameters = [], answer, codes = [], ...rest }: Reading): Plan {
  return {
    ...rest,
    method: 'get',
    path: DOCUMENT + path,
    role: 'viewer',
    parameters: [...OF_DOCUMENT, ...parameters, parameterRef('ifNoneMatch'), parameterRef('ifMatch')],
    answers: {
      200: { ...answer, headers: { ...headersOf('ETag'), ...answer.headers } },
      304: { description: 'It is what `If-None-Match` names.', headers: headersOf('ETag') },
    },
    codes: [...READ_CODES, 'precondition-failed', ...codes],
  };
}

const PLAIN: MediaType = { schema: { type: 'string' }, example: 'Hello, world' };
const ANY_JSON: MediaType = {
  schema: { description: 'Any JSON.' },
  example: { text: 'Hello, world', board: { title: 'Plan', done: ['milk'] } },
};
const BYTES: MediaType = { schema: { type: 'string', contentMediaType: 'application/octet-stream' } };

const TEXT_FORMAT: Parameter = {
  name: 'format',
  in: 'query',
  description: 'As what it is read.',
  schema: { type: 'string', enum: ['plain', 'delta'], default: 'plain' },
  example: 'plain',
};

/** As what file a document is exported. */
export const EXPORT_FORMAT: Parameter = {
  name: 'format',
  in: 'query',
  description: 'What file it is to be.',
  schema: { type: 'string', enum: ['markdown', 'plain', 'json', 'yjs'], default: 'markdown' },
  example: 'markdown',
};

export const EXPORT_ANSWER: Answer = {
  description: 'The file.',
  headers: headersOf('Content-Disposition'),
  content: {
    'text/markdown; charset=utf-8': {
      schema: { type: 'string' },
      example: '# Plan\n\nHello, **world**\n',
    },
    'text/plain; charset=utf-8': PLAIN,
    'application/json': ANY_JSON,
    'application/octet-stream': BYTES,
  },
};

/** Content, as it is read. */
export const READ_PATHS: readonly Plan[] = [
  reading({
    path: '/text',
    operationId: 'readText',
    tag: 'Content',
    summary: 'Read a text',
    description:
      'A root of the type `Y.Text`: `plain`, without its formats, in UTF-8, or all of it as a delta. In `plain` each embed, a picture for example, is U+FFFC, one character: places in it, in UTF-16 code units, are those of `PATCH` and of the event stream. `export?format=plain` leaves embeds out. A root that nobody has written into is an empty text.',
    parameters: [parameterRef('root'), TEXT_FORMAT],
    answer: {
      description: 'The text.',
      content: {
        'text/plain; charset=utf-8': PLAIN,
        'application/json': {
          schema: schemaRef('Contents'),
          example: [{ insert: 'Hello', attributes: { bold: true } }, { insert: { image: 'a.png' } }],
        },
      },
    },
    codes: ['wrong-type'],
  }),
  reading({
    path: '/json',
    operationId: 'readJson',
    tag: 'Content',
    summary: 'Read as JSON',
    description:
      'All roots of the document by their names, or the one that `root` names. A text is a string.',
    parameters: [parameterRef('anyRoot')],
    answer: { description: 'The content.', content: { 'application/json': ANY_JSON } },
    codes: ['wrong-type'],
  }),
  reading({
    path: '/export',
    operationId: 'exportDocument',
    tag: 'Content',
    summary: 'Export a document',
    description:
      'As a file to be saved: `markdown` and `plain` have one root, `json` one or all of them, `yjs` everything that Yjs knows.',
    parameters: [EXPORT_FORMAT, parameterRef('anyRoot')],
    answer: EXPORT_ANSWER,
    codes: ['wrong-type'],
  }),
  reading({
    path: '/state',
    operationId: 'readState',
    tag: 'Yjs',
    summary: 'Read the state',
    description:
      'A Yjs update (version 1) with everything, or with what a copy lacks whose state vector is given: for `Y.applyUpdate`.',
    parameters: [
      {
        name: 'since',
        in: 'query',
        description: 'The state vector of your copy (`Y.encodeStateVector`), in base64url without padding.',
        schema: { type: 'string', pattern: '^[A-Za-z0-9_-]*$' },
        example: 'AA',
      },
    ],
    answer: { description: 'The update.', content: { 'application/octet-stream': BYTES } },
  }),
  reading({
    path: '/state-vector',
    operationId: 'readStateVector',
    tag: 'Yjs',
    summary: 'Read the state vector',
    description:
      'Which edits of whom the document has: for `Y.encodeStateAsUpdate(doc, stateVector)`, which makes the update that the document lacks.',
    answer: { description: 'The state vector.', content: { 'application/octet-stream': BYTES } },
  }),
];
