import type { Clock } from '../../shared/time.js';
import type { OtelTraces } from './otel-traces.js';

export interface TraceSettings {
  /** Empty if no traces are wanted. */
  readonly tracesUrl: string;
  readonly tracesPerMillion: number;
  readonly version: string;
}

const MILLION = 1_000_000;

/** What follows edits, if somebody wants to see that: OpenTelemetry is loaded only then. */
export async function openTraces(
  { tracesUrl: url, tracesPerMillion, version }: TraceSettings,
  node: string,
  clock: Clock,
): Promise<OtelTraces | undefined> {
  if (url === '') return undefined;
  const { OtelTraces } = await import('./otel-traces.js');
  return new OtelTraces({ url, share: tracesPerMillion / MILLION, node, version, clock });
}
