import { Histogram, type MetricObjectWithValues, type MetricValueWithName, type Registry } from 'prom-client';
import type { Buckets } from './figures.js';

export interface LabelledBuckets {
  readonly labels: Readonly<Record<string, string>>;
  readonly buckets: Buckets;
}

interface PromHistogramOptions {
  readonly name: string;
  readonly help: string;
  /** What is shown is what was observed, divided by this. */
  readonly scale: number;
  readonly registry: Registry;
  /** Histograms as they are now; all with the same bounds and the same names of labels. */
  read(): Iterable<LabelledBuckets>;
}

/** A histogram for Prometheus that is filled elsewhere, and read when somebody asks. */
export class PromHistogram extends Histogram {
  private readonly source: PromHistogramOptions;

  constructor(options: PromHistogramOptions) {
    const { name, help, registry } = options;
    super({ name, help, registers: [registry] });
    this.source = options;
  }

  override get(): Promise<MetricObjectWithValues<MetricValueWithName<string>>> {
    const { name, help, read } = this.source;
    const values = [...read()].flatMap((one) => this.lines(one));
    // The values of prom-client's typings are those of its enumeration, which a bundle of types cannot give.
    const type = 'histogram' as unknown as MetricObjectWithValues<MetricValueWithName<string>>['type'];
    return Promise.resolve({ name, help, type, aggregator: 'sum', values, collect() {} });
  }

  /** What the registry asks for, which prom-client's typings do not tell (read in 15.1). */
  getForPromString(): ReturnType<PromHistogram['get']> {
    return this.get();
  }

  private lines({ labels, buckets }: LabelledBuckets): MetricValueWithName<string>[] {
    const { name, scale } = this.source;
    const { bounds, counts, sum } = buckets;
    let count = 0;
    const upTo = counts.map((more, at) => {
      count += more;
      const bound = bounds[at];
      const le = bound === undefined ? '+Inf' : bound / scale;
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
    });
    return [
      ...upTo,
      { metricName: `${name}_sum`, labels, value: sum / scale },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}
