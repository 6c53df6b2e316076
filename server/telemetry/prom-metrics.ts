import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { CounterName, Counters } from './counters.js';

/** What each counter means to whoever reads `/metrics`. */
const COUNTERS: Record<CounterName, string> = {
  'content-check': 'Checks in a quiet time for which this node hashed a document.',
  'content-mismatch-node':
    'Documents that were loaded again because this node held another content than the store.',
  'content-mismatch-client':
    'Copies of clients that were given up because they had another content than this node.',
  'bus-gap': 'Readings from the store because updates of other nodes were missing.',
  'bus-dropped': 'Messages to other nodes that could not be sent.',
  'refused-origin': 'Requests of pages that were refused because of their origin.',
  'refused-connection': 'Connections that were refused because the address or the user had too many.',
  'refused-busy': 'Connections to documents and joins that were refused because the event loop was late.',
  'refused-join':
    'Connections to documents and joins that were refused because one connection asked for too many.',
  'refused-update': 'Updates that were refused because one connection sent too many, or too much.',
  'connection-held': 'Times that a connection was not read for a while because it sent much too much.',
  'flood-ended': 'Connections that were cut because they sent much too much at once.',
  'never-joined': 'Connections to documents that were closed because they did not join in time.',
};

/** Values that are read when somebody asks for them. */
export interface GaugeSources {
  /** Documents in memory. */
  openDocuments(): number;
  /** Whether the store can save. */
  saving(): boolean;
  /** Whether other nodes can be reached; `undefined` if there are none. */
  busConnected(): boolean | undefined;
}

/** Counts for Prometheus. */
export class PromMetrics implements Counters {
  readonly contentType: string;
  private readonly registry = new Registry();
  private readonly counters = new Map<CounterName, Counter>();

  constructor() {
    this.contentType = this.registry.contentType;
    collectDefaultMetrics({ register: this.registry });
    for (const [name, help] of Object.entries(COUNTERS) as [CounterName, string][])
      this.counters.set(name, new Counter({ name: metricName(name), help, registers: [this.registry] }));
  }

  count(name: CounterName, by = 1): void {
    this.counters.get(name)?.inc(by);
  }

  /** Adds what is looked up when somebody asks. Called once. */
  watch(sources: GaugeSources): void {
    this.gauge('coscribe_documents_open', 'Documents in memory.', () => sources.openDocuments());
    this.gauge('coscribe_store_saving', '1 while the store can save, else 0.', () =>
      Number(sources.saving()),
    );
    if (sources.busConnected() !== undefined)
      this.gauge('coscribe_bus_connected', '1 while other nodes can be reached over Redis, else 0.', () =>
        Number(sources.busConnected()),
      );
  }

  /** Everything in Prometheus' text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  private gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.registry],
      collect: () => gauge.set(read()),
    });
  }
}

function metricName(name: CounterName): string {
  return `coscribe_${name.replaceAll('-', '_')}_total`;
}
