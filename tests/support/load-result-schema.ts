const number = { type: 'number' };
const text = { type: 'string' };
const yesOrNo = { type: 'boolean' };
const maybe = { type: ['number', 'null'] };

function object(required: object, optional: object = {}) {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

function list(items: object) {
  return { type: 'array', items };
}

const counts = { type: 'object', additionalProperties: number };
const quantiles = object({ count: number, p50: maybe, p90: maybe, p99: maybe, p999: maybe, max: maybe });
const curve = list({ type: 'array', items: number, minItems: 2, maxItems: 2 });

const figures = object({
  seconds: number,
  clients: number,
  typists: number,
  typed: number,
  acked: number,
  delivered: number,
  typedPerSecond: number,
  deliveredPerSecond: number,
  bytesSent: number,
  bytesReceived: number,
  joins: number,
  reconnects: number,
  ackMs: quantiles,
  shownMs: quantiles,
  joinMs: quantiles,
  curves: object({ ack: curve, shown: curve, join: curve }),
  generatorLagMs: number,
  generatorLate: number,
  generatorCpu: number,
});

const second = object({
  at: number,
  joined: number,
  typing: number,
  offline: number,
  typed: number,
  acked: number,
  delivered: number,
  unacked: number,
  ackP50: maybe,
  ackP99: maybe,
  shownP50: maybe,
  shownP99: maybe,
  errors: number,
  reconnects: number,
  goodbyes: number,
});

const samples = list(
  object(
    { at: number, up: yesOrNo },
    { cpu: number, rss: number, lagMs: number, sessions: number, editsPerSecond: number },
  ),
);

/** JSON Schema of what `coscribe load --json` prints. */
export const RESULT_SCHEMA = object(
  {
    format: { const: 1 },
    version: text,
    startedAt: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' },
    seconds: number,
    settings: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
    machine: object({ cores: number, cpu: text, memory: number, node: text }),
    targets: list(text),
    outcome: { enum: ['passed', 'failed', 'interrupted', 'target-lost'] },
    verdict: object(
      {
        problems: list(object({ kind: text, document: text, message: text })),
        checked: object({
          documents: number,
          clients: number,
          freshReads: number,
          ackedEdits: number,
          characters: number,
        }),
      },
      { equal: yesOrNo, ackedKept: yesOrNo, nothingForeign: yesOrNo },
    ),
    objectives: list(object({ objective: text, held: yesOrNo, found: maybe })),
    notes: list(text),
    total: figures,
    pointSeconds: number,
    series: list(second),
    phases: list(object({ name: text, from: number, until: number })),
    steps: list(object({ typists: number, held: yesOrNo, figures })),
    faults: list(object({ kind: text, what: text, at: number }, { until: number })),
    nodes: list(
      object(
        {
          name: text,
          url: text,
          samples,
        },
        { version: text },
      ),
    ),
    generators: list(object({ name: text, samples })),
    limitedByGenerator: yesOrNo,
    errors: counts,
    goodbyes: number,
  },
  {
    reason: text,
    limit: object({ objective: text, complete: yesOrNo, typists: number, held: number, broke: maybe }),
  },
);
