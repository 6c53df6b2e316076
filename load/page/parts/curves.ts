import type { LoadResult } from '../../result.js';
import { chart } from '../charts/chart.js';
import { align, fill, nines, ninesCurve } from '../charts/points.js';
import { lineLook } from '../colors.js';
import { section } from '../dom.js';
import { milliseconds } from '../format.js';
import { quantiles } from './overview.js';

const CURVES = [
  ['acknowledged', 'ack', 'ackMs'],
  ['shown to others', 'shown', 'shownMs'],
  ['joined', 'join', 'joinMs'],
] as const;
/** Marks of the axis, up to one in a million. */
const SHARES = [0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999];

/** Which share of durations was shorter: the slow ones are drawn as wide as the others. */
export function curves(result: LoadResult): HTMLElement {
  const { total } = result;
  const { x, lines } = align(
    CURVES.map(([, curve, times]) => ninesCurve(total.curves[curve], total[times].count)),
  );
  return section(
    'How slow the slow ones are',
    chart({
      title: 'Durations by percentile',
      note: 'Each further nine is as wide as the one before. What never came is not on the curve, which then ends early.',
      points: { x, lines: lines.map((line) => fill(x, line)) },
      lines: CURVES.map(([label], index) => ({ label, ...lineLook(index) })),
      format: milliseconds,
      logarithmic: true,
      axis: {
        label: 'Percentile',
        ticks: SHARES.map(nines).filter((at) => at <= (x.at(-1) ?? 0)),
        format: percentile,
      },
    }),
    quantiles(result),
  );
}

/** With as many digits as it has nines: 99.99 %, and not 100 %. */
function percentile(at: number): string {
  return `${Number((100 * (1 - 10 ** -at)).toFixed(Math.max(0, Math.ceil(at - 0.01) - 1)))} %`;
}
