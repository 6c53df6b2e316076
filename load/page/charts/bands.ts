import type uPlot from 'uplot';
import type { FaultRecord, PhaseRecord } from '../../result.js';
import { FAULT_COLORS, resolveColor } from '../colors.js';

/** What stands behind the lines of charts over time. */
export interface Backdrop {
  readonly faults: readonly FaultRecord[];
  readonly phases: readonly PhaseRecord[];
  /** When everything ended, in seconds: a fault without an end lasts up to here. */
  readonly end: number;
}

const SMALLEST_BAND_PX = 2;
const BAND_STRENGTH = 0.22;
const LABEL_FONT_PX = 11;
const LABEL_ROOM_PX = 4;

/** Draws faults as coloured bands, and where one phase gives way to the next as dashed lines with its name. */
export function drawBackdrop({ faults, phases, end }: Backdrop): uPlot.Plugin {
  return {
    hooks: {
      drawClear(chart) {
        const { ctx, bbox } = chart;
        ctx.save();
        clip(chart);
        for (const { kind, at, until = end } of faults) {
          const from = chart.valToPos(at, 'x', true);
          const width = Math.max(
            SMALLEST_BAND_PX * devicePixelRatio,
            chart.valToPos(until, 'x', true) - from,
          );
          ctx.globalAlpha = BAND_STRENGTH;
          ctx.fillStyle = resolveColor(FAULT_COLORS[kind]);
          ctx.fillRect(from, bbox.top, width, bbox.height);
          ctx.globalAlpha = 1;
          ctx.fillRect(from, bbox.top, width, SMALLEST_BAND_PX * devicePixelRatio);
        }
        ctx.restore();
      },
      draw: (chart) => drawPhases(chart, phases),
    },
  };
}

function drawPhases(chart: uPlot, phases: readonly PhaseRecord[]): void {
  const { ctx, bbox } = chart;
  ctx.save();
  clip(chart);
  ctx.font = `${LABEL_FONT_PX * devicePixelRatio}px sans-serif`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  ctx.strokeStyle = resolveColor('--line-strong');
  ctx.fillStyle = resolveColor('--ink-soft');
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  const room = LABEL_ROOM_PX * devicePixelRatio;
  for (const [index, { name, from, until }] of phases.entries()) {
    const x = chart.valToPos(from, 'x', true);
    const width = chart.valToPos(until, 'x', true) - x;
    if (index > 0) {
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    if (ctx.measureText(name).width + 2 * room < width) ctx.fillText(name, x + room, bbox.top + room);
  }
  ctx.restore();
}

/** To what lies between the axes. */
function clip({ ctx, bbox }: uPlot): void {
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
}
