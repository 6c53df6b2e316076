import type { Schema } from '../openapi.js';
import { schemaRef } from '../schema-ref.js';

const COUNT: Schema = { type: 'integer', minimum: 0 };
const AMOUNT: Schema = { type: 'number', minimum: 0 };
const MOMENT: Schema = schemaRef('Moment');
const NODE: Schema = { type: 'string', description: 'Names a node.', pattern: '^[\\w.-]{1,96}$' };
const SILENT: Schema = {
  type: 'array',
  items: NODE,
  description: 'Nodes that are there, as far as is known, and have not answered in time.',
};

/** An object that has all of these. */
function objectOf(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required };
}

const TRAFFIC = { id: 'acme/plan', sessions: 12, editsPerSecond: 31, bytesPerSecond: 870 };

const REPORT = {
  node: 'CFuiu5-AfB31',
  version: '1.0.0',
  startedAt: 1_795_380_000_000,
  at: 1_795_388_302_513,
  state: 'ok',
  cpu: 0.12,
  rss: 151_759_360,
  heap: 37_017_184,
  lagMs: 0.4,
  sessions: 412,
  connections: 398,
  followers: 14,
  documents: 60,
  waitingEdits: 3,
  outgoingBytes: 0,
  editsPerSecond: 240,
  deliveriesPerSecond: 2_400,
  bytesInPerSecond: 18_000,
  bytesOutPerSecond: 190_000,
  commitsPerSecond: 120,
  ackMs: { p50: 2.1, p99: 9.5 },
  commitMs: { p50: 1.2, p99: 4.8 },
  store: { description: 'postgres://db.internal/coscribe', saving: true },
  bus: 'ok',
  refused: { 'no-access': 2 },
  busiest: [TRAFFIC],
};

const ERROR = {
  node: 'CFuiu5-AfB31',
  at: 1_795_388_300_000,
  level: 'warn',
  message: 'could not compact the document; its log stays as it is',
  code: 'store-unavailable',
  document: 'acme/plan',
};

const SESSION = {
  id: 'CFuiu5-AfB31.17',
  node: 'CFuiu5-AfB31',
  user: 'ann',
  role: 'editor',
  protocol: 'coscribe',
  address: '203.0.113.5',
  since: 1_795_388_000_000,
};

const DOCUMENT = {
  id: 'acme/plan',
  generation: '0b9f2c7e-5d0e-4f6c-9d55-0c8a3b1f7a10',
  head: 1_280,
  createdAt: 1_795_000_000_000,
  updatedAt: 1_795_388_300_000,
  snapshotSeq: 1_200,
  snapshotBytes: 20_480,
  firstRow: 201,
  tailRows: 80,
  tailBytes: 4_096,
  sessions: [SESSION],
  moreSessions: 0,
  openAt: ['CFuiu5-AfB31'],
  silent: [],
};

/** What operators see. */
export const ADMIN_SCHEMAS: Readonly<Record<string, Schema>> = {
  Moment: {
    description: 'Milliseconds since the Unix epoch.',
    type: 'integer',
    minimum: 0,
    examples: [REPORT.at],
  },
  Quantiles: {
    description: 'In milliseconds; null if nothing happened in that time.',
    examples: [REPORT.ackMs],
    ...objectOf({ p50: { type: ['number', 'null'] }, p99: { type: ['number', 'null'] } }),
  },
  DocumentTraffic: {
    ...objectOf({
      id: schemaRef('DocumentId'),
      sessions: COUNT,
      editsPerSecond: AMOUNT,
      bytesPerSecond: AMOUNT,
    }),
    examples: [TRAFFIC],
  },
  NodeReport: {
    description: 'How a node fared since the report before, about a second ago. Sizes are bytes.',
    ...objectOf({
      node: NODE,
      version: { type: 'string' },
      startedAt: MOMENT,
      at: MOMENT,
      state: { type: 'string', enum: ['ok', 'draining', 'not ready'] },
      cpu: { ...AMOUNT, description: 'Of one core: 1 is all of it; the threads of a node can take more.' },
      rss: COUNT,
      heap: COUNT,
      lagMs: { ...AMOUNT, description: 'How late the event loop is.' },
      sessions: COUNT,
      connections: COUNT,
      followers: COUNT,
      documents: { ...COUNT, description: 'In memory.' },
      waitingEdits: { ...COUNT, description: 'Waiting to be on disk.' },
      outgoingBytes: { ...COUNT, description: 'Waiting to be sent.' },
      editsPerSecond: AMOUNT,
      deliveriesPerSecond: { ...AMOUNT, description: 'Edits sent: one for each session that gets one.' },
      bytesInPerSecond: AMOUNT,
      bytesOutPerSecond: AMOUNT,
      commitsPerSecond: AMOUNT,
      ackMs: { ...schemaRef('Quantiles'), description: 'From the arrival of an edit to its answer.' },
      commitMs: schemaRef('Quantiles'),
      store: objectOf({
        description: { type: 'string' },
        saving: { type: 'boolean', description: 'Whether it can save.' },
      }),
      bus: {
        type: 'string',
        enum: ['ok', 'away', 'none'],
        description: 'Whether the other nodes can be reached.',
      },
      refused: {
        type: 'object',
        additionalProperties: COUNT,
        description: 'What was refused, by the code of the refusal.',
      },
      busiest: { type: 'array', items: schemaRef('DocumentTraffic'), maxItems: 20 },
    }),
    examples: [REPORT],
  },
  RecentError: {
    description: 'A warning or an error out of the log of a node.',
    ...objectOf(
      {
        node: NODE,
        at: MOMENT,
        level: { type: 'string', enum: ['warn', 'error'] },
        message: { type: 'string', maxLength: 300 },
        code: { type: 'string' },
        document: { type: 'string' },
      },
      ['code', 'document'],
    ),
    examples: [ERROR],
  },
  AdminOverview: {
    ...objectOf({
      node: { ...NODE, description: 'The node that answers.' },
      at: MOMENT,
      nodes: {
        type: 'array',
        items: schemaRef('NodeReport'),
        description: 'The node that answers first, then the others by name.',
      },
      errors: { type: 'array', items: schemaRef('RecentError'), maxItems: 100, description: 'Newest first.' },
      silent: SILENT,
    }),
    examples: [{ node: REPORT.node, at: REPORT.at, nodes: [REPORT], errors: [ERROR], silent: [] }],
  },
  AdminDocumentList: {
    ...objectOf({
      documents: {
        type: 'array',
        items: objectOf(
          {
            id: schemaRef('DocumentId'),
            head: schemaRef('Seq'),
            updatedAt: MOMENT,
            sessions: COUNT,
            editsPerSecond: AMOUNT,
            bytesPerSecond: AMOUNT,
          },
          ['head', 'updatedAt', 'sessions', 'editsPerSecond', 'bytesPerSecond'],
        ),
        description: 'By traffic they have their traffic, otherwise `head` and `updatedAt`.',
      },
      silent: SILENT,
    }),
    examples: [{ documents: [TRAFFIC], silent: [] }],
  },
  AdminSession: {
    ...objectOf({
      id: { type: 'string', pattern: '^[\\w.-]{1,160}$', description: 'Names it among those of all nodes.' },
      node: NODE,
      user: { type: 'string', description: 'Empty for somebody who is not known.' },
      role: schemaRef('Role'),
      protocol: {
        type: 'string',
        enum: ['coscribe', 'y-socket.io', 'y-websocket', 'hocuspocus', 'events'],
        description: '`events` is a follower.',
      },
      address: { type: 'string' },
      since: MOMENT,
    }),
    examples: [SESSION],
  },
  AdminDocument: {
    description: 'Of a deleted document the generation is empty, and sizes are 0.',
    ...objectOf(
      {
        id: schemaRef('DocumentId'),
        generation: { type: 'string' },
        head: schemaRef('Seq'),
        createdAt: MOMENT,
        updatedAt: MOMENT,
        deletedAt: MOMENT,
        snapshotSeq: {
          ...schemaRef('Seq'),
          description: 'Up to which change the snapshot goes; 0 if there is none.',
        },
        snapshotBytes: COUNT,
        firstRow: { ...COUNT, description: 'The first change that is still in the log.' },
        tailRows: { ...COUNT, description: 'Changes since the snapshot.' },
        tailBytes: { ...COUNT, description: 'Their size. Left out when no node has the document in memory.' },
        sessions: { type: 'array', items: schemaRef('AdminSession') },
        moreSessions: { ...COUNT, description: 'Those beyond the first 500 of a node.' },
        openAt: { type: 'array', items: NODE, description: 'Nodes that have it in memory.' },
        silent: SILENT,
      },
      ['deletedAt', 'tailBytes'],
    ),
    examples: [DOCUMENT],
  },
  AdminVerification: {
    ...objectOf({
      ok: { type: 'boolean' },
      problems: { type: 'array', items: { type: 'string' }, description: 'Sentences.' },
      rows: { ...COUNT, description: 'Of the log, as far as they could be read.' },
      bytes: { ...COUNT, description: 'Of log and snapshot.' },
    }),
    examples: [{ ok: true, problems: [], rows: 1_080, bytes: 61_440 }],
  },
};
