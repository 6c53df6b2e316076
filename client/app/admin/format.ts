/** What is shown where there is nothing to say. */
export const NOTHING = '–';

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const TENTHS = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
const SPANS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** A number as a node told it. An older one may not know of it. */
export type Told = number | null | undefined;

/** "12,345" */
export function whole(value: Told): string {
  return isTold(value) ? WHOLE.format(value) : NOTHING;
}

/** Something per second: "0.4", "12", "1,234". */
export function rate(value: Told): string {
  if (!isTold(value)) return NOTHING;
  return value > 0 && value < 9.95 ? TENTHS.format(value) : WHOLE.format(value);
}

/** Bytes: "0 B", "1.2 kB", "34 MB". */
export function size(value: Told): string {
  if (!isTold(value)) return NOTHING;
  let step = 0;
  let left = value;
  while (left >= 999.5 && step < SIZES.length - 1) {
    left /= 1000;
    step++;
  }
  return `${step === 0 ? WHOLE.format(left) : rate(left)} ${SIZES[step]}`;
}

/** Milliseconds: "0.4 ms", "12 ms", "1.2 s". */
export function millis(value: Told): string {
  if (!isTold(value)) return NOTHING;
  return value < 999.5 ? `${rate(value)} ms` : `${TENTHS.format(value / 1000)} s`;
}

/** A share of one: "0 %", "34 %", "180 %". */
export function percent(value: Told): string {
  return isTold(value) ? `${WHOLE.format(value * 100)} %` : NOTHING;
}

/** A time span in its two largest units: "3 d 4 h", "5 min 2 s", "12 s". In milliseconds; nothing is less than none. */
export function span(value: Told): string {
  if (!isTold(value)) return NOTHING;
  const from = SPANS.findIndex(([, ms]) => value >= ms);
  if (from === -1) return '0 s';
  let left = value;
  const parts = SPANS.slice(from, from + 2).map(([unit, ms]) => {
    const number = Math.floor(left / ms);
    left -= number * ms;
    return number === 0 ? '' : `${number} ${unit}`;
  });
  return parts.filter((part) => part !== '').join(' ');
}

/** The time of day at this device, "09:05:07". `at` in milliseconds since the Unix epoch. */
export function timeOfDay(at: Told): string {
  return isTold(at) ? new Date(at).toLocaleTimeString('en-GB') : NOTHING;
}

/** Day and time at this device, "22 Nov 2026, 09:05:07". `at` in milliseconds since the Unix epoch. */
export function moment(at: Told): string {
  if (!isTold(at)) return NOTHING;
  return new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
}

/** "1 node", "3 nodes" */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : many}`;
}

function isTold(value: Told): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
