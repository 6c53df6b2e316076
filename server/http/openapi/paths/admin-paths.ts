import type { ErrorCode } from '../../../../shared/errors.js';
import { DOCUMENT_CODES } from '../codes.js';
import { OF_DOCUMENT, parameterRef } from '../parameters.js';
import type { Plan } from '../plan.js';
import { schemaRef } from '../schema-ref.js';
import { jsonAnswer } from './bodies.js';
import { EXPORT_ANSWER, EXPORT_FORMAT } from './read-paths.js';

const ADMIN = '/api/admin';
const DOCUMENT = `${ADMIN}/documents/{workspace}/{name}`;
const NODE = {
  name: 'node',
  in: 'path',
  description: 'The name of a node.',
  required: true,
  schema: { type: 'string', pattern: '^[\\w.-]{1,96}$' },
  example: 'CFuiu5-AfB31',
} as const;

/** What everything for operators has in common. */
const FOR_OPERATORS = { tag: 'Operators', role: 'operator' } as const;
const CODES: readonly ErrorCode[] = ['not-allowed'];
/** Of a document that is asked for by its name. */
const OF_ITS_CODES: readonly ErrorCode[] = [
  ...CODES,
  ...DOCUMENT_CODES,
  'document-moved',
  'document-deleted',
  'document-unreadable',
];

const EXAMPLE = [
  'retry: 2100',
  '',
  'event: overview',
  'data: {"node":"CFuiu5-AfB31","at":1795388302513,"nodes":[],"errors":[],"silent":[]}',
  '',
  '',
].join('\n');

/** What operators see of the whole server, and do with it. */
export const ADMIN_PATHS: readonly Plan[] = [
  {
    ...FOR_OPERATORS,
    method: 'get',
    path: ADMIN,
    operationId: 'readOverview',
    summary: 'See how the nodes fare',
    description:
      'Rates are measured over a second: the first answer takes that long, and up to 3 s if a node does not tell of itself.',
    answers: { 200: jsonAnswer('All nodes, and what went wrong lately.', 'AdminOverview') },
    codes: CODES,
  },
  {
    ...FOR_OPERATORS,
    method: 'get',
    path: `${ADMIN}/events`,
    operationId: 'followOverview',
    summary: 'Follow how the nodes fare',
    description:
      'Server-sent events: an `overview` each second. Who takes them too slowly misses some. While nobody follows, nothing is measured for it.',
    answers: {
      200: {
        description: 'Events, until one of both sides ends it.',
        content: {
          'text/event-stream; charset=utf-8': {
            schema: { type: 'string' },
            example: EXAMPLE,
            'x-events': { overview: schemaRef('AdminOverview'), end: schemaRef('EndEvent') },
          },
        },
      },
    },
    codes: [...CODES, 'too-many-connections'],
  },
  {
    ...FOR_OPERATORS,
    method: 'get',
    path: `${ADMIN}/documents`,
    operationId: 'listDocumentsForOperators',
    summary: 'List documents by their traffic',
    description:
      'By `traffic` the busiest of all nodes at the moment, otherwise those of the store, whoever may open them.',
    parameters: [
      {
        name: 'order',
        in: 'query',
        description: '`traffic`: the busiest first; `updated`: the last edit first; `name`: by name.',
        schema: { type: 'string', enum: ['traffic', 'updated', 'name'], default: 'traffic' },
        example: 'traffic',
      },
      {
        name: 'prefix',
        in: 'query',
        description: 'Only those whose names begin so, workspace included.',
        schema: { type: 'string', pattern: '^[A-Za-z0-9._/-]{0,129}$' },
        example: 'acme/',
      },
      {
        name: 'limit',
        in: 'query',
        description: 'How many at most.',
        schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
        example: 20,
      },
    ],
    answers: { 200: jsonAnswer('Documents.', 'AdminDocumentList') },
    codes: CODES,
  },
  {
    ...FOR_OPERATORS,
    method: 'get',
    path: DOCUMENT,
    operationId: 'inspectDocument',
    summary: 'See how a document stands',
    description:
      'Its log and its snapshot, and who is in it, on all nodes. A deleted document is shown, too.',
    parameters: OF_DOCUMENT,
    answers: { 200: jsonAnswer('The document.', 'AdminDocument') },
    codes: OF_ITS_CODES,
  },
  {
    ...FOR_OPERATORS,
    method: 'post',
    path: `${DOCUMENT}/compact`,
    operationId: 'compactDocument',
    summary: 'Merge the log of a document',
    description: 'Into a new snapshot, now. Nodes do it by themselves when the log is long.',
    parameters: OF_DOCUMENT,
    answers: { 200: jsonAnswer('The document as it stands now.', 'AdminDocument') },
    codes: [...OF_ITS_CODES, 'shutting-down', 'document-not-ready', 'document-reloading'],
  },
  {
    ...FOR_OPERATORS,
    method: 'post',
    path: `${DOCUMENT}/verify`,
    operationId: 'verifyDocument',
    summary: 'Verify a document',
    description:
      'Reads its log and its snapshot, and looks whether there are gaps, whether the checksums are right, whether both load and fit together, and whether the node that answers holds the same in memory.',
    parameters: OF_DOCUMENT,
    answers: { 200: jsonAnswer('What was found, also if something is wrong.', 'AdminVerification') },
    codes: [...OF_ITS_CODES, 'server-busy'],
  },
  {
    ...FOR_OPERATORS,
    method: 'get',
    path: `${DOCUMENT}/export`,
    operationId: 'exportDocumentForOperators',
    summary: 'Export any document',
    description: 'As `exportDocument`, whoever may open it. It is noted in the audit log.',
    parameters: [...OF_DOCUMENT, EXPORT_FORMAT, parameterRef('anyRoot')],
    answers: { 200: EXPORT_ANSWER },
    codes: [
      ...OF_ITS_CODES,
      'wrong-type',
      'server-busy',
      'shutting-down',
      'document-not-ready',
      'document-reloading',
    ],
  },
  {
    ...FOR_OPERATORS,
    method: 'delete',
    path: `${ADMIN}/sessions/{session}`,
    operationId: 'endSession',
    summary: 'Throw somebody out of a document',
    description:
      'On whichever node. His client is told `no-access`, and stays out until it is told to come back; what he may do does not change by it.',
    parameters: [
      {
        name: 'session',
        in: 'path',
        description: 'The `id` of a session.',
        required: true,
        schema: { type: 'string', pattern: '^[\\w.-]{1,160}$' },
        example: 'CFuiu5-AfB31.17',
      },
    ],
    answers: { 204: { description: 'It has ended.' } },
    codes: [...CODES, 'not-found', 'server-busy'],
  },
  {
    ...FOR_OPERATORS,
    method: 'post',
    path: `${ADMIN}/nodes/{node}/drain`,
    operationId: 'drainNode',
    summary: 'Send the clients of a node to others',
    description:
      'As when it is stopped, but it goes on: `/readyz` says `draining`, its clients go to other nodes within some seconds, and no new ones are let in.',
    parameters: [NODE],
    answers: { 204: { description: 'It has begun.' } },
    codes: [...CODES, 'not-found', 'server-busy'],
  },
  {
    ...FOR_OPERATORS,
    method: 'delete',
    path: `${ADMIN}/nodes/{node}/drain`,
    operationId: 'resumeNode',
    summary: 'Have a node take clients again',
    description: 'Undoes `drainNode`.',
    parameters: [NODE],
    answers: { 204: { description: 'It takes clients.' } },
    codes: [...CODES, 'not-found', 'server-busy'],
  },
];
