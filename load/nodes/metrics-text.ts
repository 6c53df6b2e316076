/** What a node says about itself at one moment; `undefined` where its metrics have no such line. */
export interface NodeReading {
  /** Processor time since its start, in seconds. */
  readonly cpuSeconds: number | undefined;
  /** Bytes in memory. */
  readonly rss: number | undefined;
  /** By how much its event loop is late, in milliseconds. */
  readonly lagMs: number | undefined;
  /** Clients in documents, of all documents and protocols together. */
  readonly sessions: number | undefined;
  /** Edits that it has taken since its start. */
  readonly edits: number | undefined;
}

/** Names by which servers tell the same: the first that is there counts. Ours, then those of prom-client and others. */
const NAMES: Readonly<Record<keyof NodeReading, readonly string[]>> = {
  cpuSeconds: ['process_cpu_seconds_total'],
  rss: ['process_resident_memory_bytes'],
  lagMs: [
    'coscribe_event_loop_lag_seconds',
    'nodejs_eventloop_lag_p99_seconds',
    'nodejs_eventloop_lag_seconds',
  ],
  sessions: ['coscribe_sessions'],
  edits: ['coscribe_edits_total'],
};

const MS_PER_SECOND = 1000;
/** `name{label="…"} value timestamp`; https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
const LINE = /^([A-Za-z_:][\w:]*)(?:\{.*\})?\s+(\S+)(?:\s+-?\d+)?\s*$/;

/**
 * Reads the few lines that matter out of Prometheus' text format, and leaves all others alone. Lines of the same name with
 * different labels are added up.
 */
export function readMetrics(text: string): NodeReading {
  const sums = new Map<string, number>();
  const wanted = new Set(Object.values(NAMES).flat());
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = LINE.exec(line) ?? [];
    const number = wanted.has(name) ? Number(value) : Number.NaN;
    if (Number.isFinite(number)) sums.set(name, (sums.get(name) ?? 0) + number);
  }
  const first = (key: keyof NodeReading): number | undefined => {
    const name = NAMES[key].find((candidate) => sums.has(candidate));
    return name === undefined ? undefined : sums.get(name);
  };
  const lagSeconds = first('lagMs');
  return {
    cpuSeconds: first('cpuSeconds'),
    rss: first('rss'),
    lagMs: lagSeconds === undefined ? undefined : lagSeconds * MS_PER_SECOND,
    sessions: first('sessions'),
    edits: first('edits'),
  };
}
