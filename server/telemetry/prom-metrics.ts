import { collectDefaultMetrics, Registry } from 'prom-client';
import type { MeasureName } from './counters.js';
import type { NodeFigures } from './figures.js';
import { AMOUNTS, EVENTS, MEASURES, type MeasureRow, type MetricRow } from './metric-table.js';
import { NodeCounters } from './node-counters.js';
import { addNodeGauges, type NodeNames } from './node-gauges.js';
import type {
  Census,
  ConnectionGroup,
  NetworkTraffic,
  NodeSources,
  Observed,
  WayIn,
  WaysIn,
} from './node-sources.js';
import { addCounter, familiesOf, type Labelled, single } from './prom-families.js';
import { PromHistogram } from './prom-histogram.js';

const MS_PER_SECOND = 1_000;
const NOBODY: Census = {
  documents: 0,
  sessions: { coscribe: 0, 'y-socket.io': 0, 'y-websocket': 0, hocuspocus: 0, events: 0 },
  behind: 0,
  waitingEdits: 0,
  waitingBytes: 0,
};

/** Counts and measures, for Prometheus and for operators. */
export class PromMetrics extends NodeCounters implements WaysIn {
  readonly contentType: string;
  private readonly registry = new Registry();
  private readonly waysIn: WayIn[] = [];
  private network: NetworkTraffic | undefined;
  private sources: NodeSources | undefined;
  /** As it was when the metrics were asked for last. */
  private observed: Observed | undefined;

  constructor() {
    super();
    this.contentType = this.registry.contentType;
    collectDefaultMetrics({ register: this.registry });
    this.addCounters(EVENTS, this.events);
    this.addCounters(AMOUNTS, this.amounts);
    for (const [row, members] of familiesOf(MEASURES)) this.addHistogram(row, members);
    this.addRefusals();
    this.addRequests();
  }

  /** Adds what is looked up when somebody asks. Called once. */
  watch(sources: NodeSources, names: NodeNames): void {
    this.sources = sources;
    addNodeGauges(this.registry, names, sources, () => this.observed ?? this.look());
  }

  watchWay(way: WayIn): void {
    this.waysIn.push(way);
  }

  /** Tells what goes over the connections of the node's own server. Called once. */
  watchNetwork(network: NetworkTraffic): void {
    this.network = network;
    addCounter(
      this.registry,
      {
        name: 'coscribe_network_received_bytes_total',
        help: 'Bytes that came over all connections, of clients and of others.',
      },
      () => single(network.received),
    );
    addCounter(
      this.registry,
      {
        name: 'coscribe_network_sent_bytes_total',
        help: 'Bytes that went over all connections, to clients and to others.',
      },
      () => single(network.sent),
    );
  }

  /** Everything in Prometheus' text format. */
  text(): Promise<string> {
    this.observed = this.look();
    return this.registry.metrics();
  }

  /** The same in figures; what is looked up is 0 before `watch`. */
  figures(): NodeFigures {
    const { amounts, measures, sources, network } = this;
    const { census, connections } = this.look();
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    return {
      sessions: sum(Object.values(census.sessions)),
      connections: sum(connections.map(({ count }) => count)),
      followers: census.sessions.events,
      openDocuments: census.documents,
      lagMs: sources?.lagMs() ?? 0,
      waitingEdits: census.waitingEdits,
      outgoingBytes: sum(connections.map(({ queuedBytes }) => queuedBytes)),
      joins: amounts.joins,
      edits: amounts.edits,
      editBytes: amounts['edit-bytes'],
      sentUpdates: amounts.deliveries,
      bytesIn: network?.received ?? 0,
      bytesOut: network?.sent ?? 0,
      commits: measures.commit.count,
      compactions: measures.compaction.count,
      resyncs: amounts.resyncs,
      ackMs: measures.ack.buckets(),
      commitMs: measures.commit.buckets(),
      refused: this.refusedByCode(),
    };
  }

  private look(): Observed {
    const groups = new Map<string, ConnectionGroup>();
    for (const way of this.waysIn)
      for (const group of way()) {
        const key = `${group.protocol} ${group.transport}`;
        const before = groups.get(key);
        groups.set(key, {
          ...group,
          count: group.count + (before?.count ?? 0),
          queuedBytes: group.queuedBytes + (before?.queuedBytes ?? 0),
        });
      }
    return { census: this.sources?.census() ?? NOBODY, connections: [...groups.values()] };
  }

  private refusedByCode(): Record<string, number> {
    const all: Record<string, number> = {};
    for (const codes of Object.values(this.refusals))
      for (const [code, count] of codes) all[code] = (all[code] ?? 0) + count;
    return all;
  }

  private addCounters<Key extends string>(
    table: Readonly<Record<Key, MetricRow>>,
    values: Readonly<Record<Key, number>>,
  ): void {
    for (const [{ name, help, labels = {} }, members] of familiesOf(table))
      addCounter(this.registry, { name, help, labelNames: Object.keys(labels) }, () =>
        members.map((member): Labelled => [table[member].labels ?? {}, values[member]]),
      );
  }

  private addHistogram({ name, help, scale }: MeasureRow, members: readonly MeasureName[]): void {
    new PromHistogram({
      ...{ name, help, scale, registry: this.registry },
      read: () =>
        members.map((member) => ({
          labels: MEASURES[member].labels ?? {},
          buckets: this.measures[member].buckets(),
        })),
    });
  }

  private addRefusals(): void {
    addCounter(
      this.registry,
      {
        name: 'coscribe_refused_total',
        help: 'What was refused: by what it was, and by the code of the error (docs/PROTOCOL.md).',
        labelNames: ['what', 'code'],
      },
      () =>
        Object.entries(this.refusals).flatMap(([what, codes]) =>
          [...codes].map(([code, count]): Labelled => [{ what, code }, count]),
        ),
    );
  }

  private addRequests(): void {
    const { registry } = this;
    addCounter(
      registry,
      {
        name: 'coscribe_http_requests_total',
        help: 'HTTP requests, by the pattern that the address fits and by the class of the status.',
        labelNames: ['method', 'route', 'status'],
      },
      () =>
        [...this.requests.all].flatMap(({ method, route, statuses }) =>
          [...statuses].map(([status, count]): Labelled => [{ method, route, status }, count]),
        ),
    );
    new PromHistogram({
      name: 'coscribe_http_request_duration_seconds',
      help: 'From the arrival of an HTTP request until its answer began.',
      scale: MS_PER_SECOND,
      registry,
      read: () =>
        [...this.requests.all].map(({ method, route, duration }) => ({
          labels: { method, route },
          buckets: duration.buckets(),
        })),
    });
  }
}
