import type { FaultKind } from '../result.js';

/** Names of colours of the style sheet; a chart's lines take them in this order. */
export const LINES = ['--line-1', '--line-2', '--line-3', '--line-4', '--line-5', '--line-6'] as const;

/** Lines beyond the colours are dashed, and told apart by that. */
export function lineLook(index: number): { color: string; dash?: number[] } {
  const color = LINES[index % LINES.length] ?? LINES[0];
  const round = Math.floor(index / LINES.length);
  return round === 0 ? { color } : { color, dash: [2 + 4 * round, 4] };
}

export const FAULT_COLORS: Readonly<Record<FaultKind, string>> = {
  kill: '--fault-kill',
  stop: '--fault-stop',
  redis: '--fault-redis',
  store: '--fault-store',
  cut: '--fault-cut',
};

/** Asking costs a look at the whole style sheet, and charts ask for each band. */
const resolved = new Map<string, string>();

/** What a colour of the style sheet is at this moment: light or dark. */
export function resolveColor(name: string): string {
  const known = resolved.get(name);
  if (known !== undefined) return known;
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  resolved.set(name, color);
  return color;
}

/** Light has become dark, or dark light. */
export function forgetColors(): void {
  resolved.clear();
}
