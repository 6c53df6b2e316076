import type { Quantiles } from '../../load/histogram.js';
import type { LoadResult, NodeSample, Second } from '../../load/result.js';
import { seededRandom } from '../../tools/seeded-random.js';

const SECONDS = 90;
const CLIENTS = 600;
const TYPISTS = 300;
const KILLED = { at: 34, until: 38 };
const STORE = { at: 60, until: 64.5 };

function quantiles(count: number, middle: number): Quantiles {
  return { count, p50: middle, p90: middle * 2.1, p99: middle * 9, p999: middle * 60, max: middle * 240 };
}

function curve(middle: number): (readonly [number, number])[] {
  const shares = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999, 1];
  return shares.map((share) => [share, middle * (1 / (1.0005 - share)) ** 0.6] as const);
}

function isHit(at: number): boolean {
  return [KILLED, STORE].some((fault) => at >= fault.at && at <= fault.until + 1);
}

/** A run as it might be: 90 s on three nodes with faults, out of a fixed seed. */
export function exampleResult(changes: Partial<LoadResult> = {}): LoadResult {
  const random = seededRandom(8);
  const about = (value: number, share = 0.2) => value * (1 + share * (random() - 0.5));
  const series = Array.from({ length: SECONDS }, (_, index): Second => {
    const at = index + 1;
    const share = Math.min(1, at / 10);
    const hit = isHit(at);
    const typed = Math.round(about(TYPISTS * share * 4));
    return {
      at,
      joined: Math.round(CLIENTS * share * (hit ? 0.7 : 1)),
      typing: Math.round(TYPISTS * share),
      offline: Math.floor(random() * 5),
      typed,
      acked: hit ? Math.round(typed * 0.3) : typed,
      delivered: typed * (hit ? 2 : 5),
      unacked: hit ? Math.round(about(900)) : Math.round(about(6)),
      ackP50: at === 61 ? null : about(hit ? 180 : 3.1),
      ackP99: at === 61 ? null : about(hit ? 3_900 : 21, 0.6),
      shownP50: about(hit ? 240 : 4.4),
      shownP99: about(hit ? 4_300 : 32, 0.6),
      errors: hit ? Math.round(about(40)) : 0,
      reconnects: hit ? Math.round(about(90)) : 0,
      goodbyes: 0,
    };
  });
  const node = (number: number) => ({
    name: `node ${number}`,
    url: `http://127.0.0.1:2000${number}`,
    version: '0.1.0',
    samples: series.map(({ at, joined }): NodeSample => {
      const down = number === 2 && at >= KILLED.at && at < KILLED.until;
      if (down) return { at: at + 0.01 * number, up: false };
      return {
        at: at + 0.01 * number,
        up: true,
        cpu: about(0.32, 0.5),
        rss: about(140e6 + at * 2e5, 0.02),
        lagMs: about(isHit(at) ? 40 : 4, 1),
        sessions: Math.round(joined / 3),
        editsPerSecond: about(400),
      };
    }),
  });
  return {
    format: 1,
    version: '0.1.0',
    startedAt: '2026-01-02T03:04:05.678Z',
    seconds: SECONDS + 4,
    settings: {
      nodes: 3,
      docs: 100,
      clients: CLIENTS,
      typists: '50%',
      chaos: 'kill=1/min,store=1/min',
      seed: 8,
    },
    machine: { cores: 2, cpu: 'Some processor with a long name @ 2.40 GHz', memory: 8e9, node: 'v20.19.4' },
    targets: ['http://127.0.0.1:20001', 'http://127.0.0.1:20002', 'http://127.0.0.1:20003'],
    outcome: 'passed',
    verdict: {
      equal: true,
      ackedKept: true,
      nothingForeign: true,
      problems: [],
      checked: { documents: 100, clients: CLIENTS, freshReads: 300, ackedEdits: 96_212, characters: 88_145 },
    },
    objectives: [{ objective: 'p99<250ms', held: true, found: 29.4 }],
    notes: [],
    total: {
      seconds: 75,
      clients: CLIENTS,
      typists: TYPISTS,
      typed: 96_212,
      acked: 96_212,
      delivered: 481_060,
      typedPerSecond: 1_282.8,
      deliveredPerSecond: 6_414.1,
      bytesSent: 7.3e6,
      bytesReceived: 41.8e6,
      joins: 640,
      reconnects: 412,
      ackMs: quantiles(96_212, 3.1),
      shownMs: quantiles(481_060, 4.4),
      joinMs: quantiles(640, 11),
      curves: { ack: curve(2), shown: curve(3), join: curve(8) },
      generatorLagMs: 12,
      generatorLate: 0,
      generatorCpu: 0.41,
    },
    pointSeconds: 1,
    series,
    phases: [
      { name: 'arrive', from: 0, until: 10 },
      { name: 'warm-up', from: 10, until: 15 },
      { name: 'measure', from: 15, until: 90 },
      { name: 'settle', from: 90, until: 92 },
      { name: 'check', from: 92, until: 94 },
    ],
    steps: [],
    faults: [
      { kind: 'kill', what: 'node 2', ...KILLED },
      { kind: 'store', what: 'PostgreSQL', ...STORE },
    ],
    nodes: [node(1), node(2), node(3)],
    generators: ['generator 1', 'coordinator'].map((name) => ({
      name,
      samples: series.map(({ at }) => ({
        at,
        up: true,
        cpu: about(0.4),
        rss: about(90e6),
        lagMs: about(2, 1),
      })),
    })),
    limitedByGenerator: false,
    errors: { 'connection lost': 211, 'cannot-save': 64 },
    goodbyes: 0,
    ...changes,
  };
}
