import { type Context, ROOT_CONTEXT, type Tracer, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  type IdGenerator,
  RandomIdGenerator,
} from '@opentelemetry/sdk-trace-base';
import type { Clock } from '../../shared/time.js';
import type { EditTraces, TracedCommit, TracedEdit, TracedFrame } from './edit-traces.js';
import { EditChoice, type TraceIds, traceOf } from './trace-of.js';

export interface OtelTracesOptions {
  /** Where OTLP is taken over HTTP, such as `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  /** Of all edits, 0 to 1. */
  readonly share: number;
  /** Names this node among all. */
  readonly node: string;
  readonly version: string;
  readonly clock: Clock;
}

/** Spans that wait to be sent at most; more are dropped, so that a collector that is away costs no memory. */
const MAX_WAITING_SPANS = 4_096;
/** How long a collector may take for a batch, with everything that is tried again, in milliseconds. */
const EXPORT_TIMEOUT_MS = 5_000;
/** Clocks that are further apart than before by more than this were set. */
const CLOCK_SET_MS = 10;
const SAMPLED = 1;

/**
 * Edits' journeys as OpenTelemetry traces: `edit` from its arrival to its answer, in it `check`, `wait` and `commit`, and a
 * `broadcast` for each node that has shown it to its sessions. Spans are made afterwards, of times that are known by then:
 * edits that are not chosen cost one multiplication or two.
 */
export class OtelTraces implements EditTraces {
  private readonly provider: BasicTracerProvider;
  private readonly tracer: Tracer;
  private readonly ids = new GivenIds();
  private readonly choice: EditChoice;
  private readonly clock: Clock;
  /** What the monotonic clock is added to for the time of day. */
  private epoch = 0;

  constructor({ url, share, node, version, clock }: OtelTracesOptions) {
    this.clock = clock;
    this.choice = new EditChoice(share);
    const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS });
    this.provider = new BasicTracerProvider({
      resource: resourceFromAttributes({
        'service.name': 'coscribe',
        'service.version': version,
        'service.instance.id': node,
      }),
      // Which edits are traced is decided here already.
      sampler: new AlwaysOnSampler(),
      idGenerator: this.ids,
      spanProcessors: [
        new BatchSpanProcessor(exporter, {
          maxQueueSize: MAX_WAITING_SPANS,
          exportTimeoutMillis: EXPORT_TIMEOUT_MS,
        }),
      ],
    });
    this.tracer = this.provider.getTracer('coscribe', version);
  }

  committed(commit: TracedCommit): void {
    this.setEpoch();
    for (const [offset, edit] of commit.edits.entries()) {
      const seq = commit.from + offset;
      if (this.choice.has(commit.generation, seq)) this.traceEdit(commit, edit, seq);
    }
  }

  sent({ document, generation, from, count, sessions, heldAt, sentAt }: TracedFrame): void {
    this.setEpoch();
    for (let seq = from; seq < from + count; seq++) {
      if (!this.choice.has(generation, seq)) continue;
      const parent = contextOf(traceOf(generation, seq));
      this.span('broadcast', heldAt, sentAt, parent, {
        'coscribe.document': document,
        'coscribe.seq': seq,
        'coscribe.sessions': sessions,
        'coscribe.frame_edits': count,
      });
    }
  }

  /** Sends what waits, and lets go of the connection. Never rejects. */
  async close(): Promise<void> {
    await this.provider.shutdown().catch(() => {});
  }

  /** Keeps it unless the wall clock was set: two readings of it differ by its own coarseness. */
  private setEpoch(): void {
    const epoch = this.clock.wall() - this.clock.monotonic();
    if (Math.abs(epoch - this.epoch) > CLOCK_SET_MS) this.epoch = epoch;
  }

  private traceEdit(commit: TracedCommit, edit: TracedEdit, seq: number): void {
    const { document, generation, edits, takenAt, durableAt, answeredAt } = commit;
    const ids = traceOf(generation, seq);
    this.ids.give(ids);
    this.span('edit', edit.receivedAt, answeredAt, undefined, {
      'coscribe.document': document,
      'coscribe.generation': generation,
      'coscribe.seq': seq,
      'coscribe.bytes': edit.update.length,
    });
    const parent = contextOf(ids);
    this.span('check', edit.receivedAt, edit.admittedAt, parent, {});
    this.span('wait', edit.admittedAt, takenAt, parent, {});
    this.span('commit', takenAt, durableAt, parent, { 'coscribe.batch_edits': edits.length });
  }

  private span(
    name: string,
    from: number,
    to: number,
    parent: Context | undefined,
    attributes: Readonly<Record<string, string | number>>,
  ): void {
    const { epoch } = this;
    this.tracer
      .startSpan(
        name,
        { startTime: epoch + from, attributes, root: parent === undefined },
        parent ?? ROOT_CONTEXT,
      )
      .end(epoch + Math.max(from, to));
  }
}

function contextOf({ traceId, rootId }: TraceIds): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: rootId,
    traceFlags: SAMPLED,
    isRemote: true,
  });
}

/** Ids by lot, but for the next trace and its first span, which are asked for in whatever order. */
class GivenIds implements IdGenerator {
  private traceId: string | undefined;
  private spanId: string | undefined;
  private readonly random = new RandomIdGenerator();

  give({ traceId, rootId }: TraceIds): void {
    this.traceId = traceId;
    this.spanId = rootId;
  }

  generateTraceId(): string {
    const { traceId } = this;
    this.traceId = undefined;
    return traceId ?? this.random.generateTraceId();
  }

  generateSpanId(): string {
    const { spanId } = this;
    this.spanId = undefined;
    return spanId ?? this.random.generateSpanId();
  }
}
