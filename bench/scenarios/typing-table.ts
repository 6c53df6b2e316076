import type { TypingFigures } from '../generator/typing-run.js';
import type { Column, Figures, Outcome } from './scenario.js';

/** Below this share of what was typed, the server is not slow any longer but lost. */
const HOPELESS_BELOW = 0.5;

/** The columns that typing scenarios have in common. */
export const TYPING_COLUMNS: readonly Column[] = [
  typing('p50 ms', ({ latencyMs }) => milliseconds(latencyMs.p50)),
  typing('p99 ms', ({ latencyMs }) => milliseconds(latencyMs.p99)),
  typing('ack p50 ms', ({ ackMs }) => (ackMs === null ? '' : milliseconds(ackMs.p50))),
  typing('ack p99 ms', ({ ackMs }) => (ackMs === null ? '' : milliseconds(ackMs.p99))),
  typing('deliveries/s', ({ deliveredPerSecond }) => Math.round(deliveredPerSecond).toLocaleString('en')),
  typing('µs CPU each', ({ serverUsPerDelivery }) =>
    serverUsPerDelivery === null ? '–' : serverUsPerDelivery.toFixed(2),
  ),
  typing('core', ({ serverCpuShare }) => percent(serverCpuShare)),
  typing('RSS MB', ({ rssMb }) => `${Math.round(rssMb.end)}`),
  typing('lost', ({ lost }) => (lost === null ? '?' : lost.toLocaleString('en'))),
  typing('texts equal', ({ converged }) => (converged === null ? '?' : converged ? 'yes' : 'NO')),
  typing('generator', ({ generator }) => percent(generator.cpuShare)),
];

/** A column of the figures of a `TypingRun`. */
export function typing(title: string, cell: (figures: TypingFigures) => string): Column {
  return { title, of: (figures: Figures) => cell(figures as unknown as TypingFigures) };
}

/** The figures with what a reader must know about them. */
export function typingOutcome(figures: TypingFigures): Outcome {
  const notes: string[] = [];
  if (figures.saturated) notes.push('saturated');
  if (figures.generatorBound) notes.push(`generator-bound: ${figures.why}`);
  if (figures.disturbed !== undefined) notes.push(`disturbed: ${figures.disturbed}`);
  if (figures.arrived < 1) {
    const share = figures.arrived.toLocaleString('en', { style: 'percent', maximumFractionDigits: 1 });
    notes.push(`${share} of what was typed had come when the run ended (${figures.drained})`);
  }
  if (figures.duplicates > 0) notes.push(`${figures.duplicates} edits came twice`);
  if (figures.outOfTurn > 0) notes.push(`${figures.outOfTurn} edits came out of turn`);
  if (figures.foreign > 0) notes.push(`${figures.foreign} edits came that belong elsewhere`);
  for (const [reason, count] of Object.entries(figures.failures))
    notes.push(`${count} clients put out: ${reason}`);
  if (figures.ackMs !== null && figures.acks < figures.sent) {
    notes.push(`${figures.sent - figures.acks} of ${figures.sent} edits not acknowledged`);
  }
  if (figures.stopped !== null) notes.push(`stopped: ${figures.stopped}`);
  notes.push(...figures.problems.slice(0, 3));
  return { figures, notes, hopeless: figures.arrived < HOPELESS_BELOW || figures.stopped !== null };
}

/** Three digits at most; what never came is slower than anything. */
export function milliseconds(ms: number | null): string {
  if (ms === null) return 'never';
  if (ms < 10) return ms.toFixed(2);
  return ms < 100 ? ms.toFixed(1) : `${Math.round(ms)}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
