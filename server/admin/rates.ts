import type { AdminQuantiles } from '../../shared/admin.js';
import type { Buckets } from '../telemetry/figures.js';

/** How much came between two counts that began at 0, each second. A count that fell has begun anew. */
export function perSecond(before: number, after: number, seconds: number): number {
  if (seconds <= 0) return 0;
  return Math.max(0, after >= before ? after - before : after) / seconds;
}

/** What was counted between two counts by name; what is 0 is left out. */
export function between(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  const more = Object.entries(after).map(([name, count]) => {
    const known = Object.hasOwn(before, name) ? (before[name] ?? 0) : 0;
    return [name, count >= known ? count - known : count] as const;
  });
  return Object.fromEntries(more.filter(([, count]) => count > 0));
}

/** Of what came between two looks at a histogram; `null` if nothing came. */
export function quantilesBetween(before: Buckets, after: Buckets): AdminQuantiles {
  const counts = after.counts.map((count, at) => Math.max(0, count - (before.counts[at] ?? 0)));
  return { p50: quantile(after.bounds, counts, 0.5), p99: quantile(after.bounds, counts, 0.99) };
}

/**
 * A quantile out of buckets, as Prometheus estimates it: values are taken to lie evenly between the bounds of theirs, and
 * those above the last bound on it (https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile).
 */
function quantile(bounds: readonly number[], counts: readonly number[], q: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = q * total;
  let below = 0;
  for (const [at, upper] of bounds.entries()) {
    const count = counts[at] ?? 0;
    if (count > 0 && below + count >= rank) {
      const lower = at === 0 ? 0 : (bounds[at - 1] ?? 0);
      return lower + (upper - lower) * ((rank - below) / count);
    }
    below += count;
  }
  return bounds.at(-1) ?? null;
}
