/** `3.1 ms`, `12 ms`, `1.25 s`; a dash where nothing is known. */
export function milliseconds(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(ms < 9_950 ? 2 : 1)} s`;
}

/** `950`, `12 400`, `1.24 M`: at most four digits that matter. */
export function amount(value: number): string {
  if (value >= 999_500) return `${(value / 1e6).toFixed(2)} M`;
  const whole = value > 0 && value < 9.95 ? (Math.round(value * 10) / 10).toString() : `${Math.round(value)}`;
  return whole.replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** `1:05`, `2:00:10` */
export function span(seconds: number): string {
  const all = Math.max(0, Math.round(seconds));
  const two = (value: number): string => `${value}`.padStart(2, '0');
  const hours = Math.floor(all / 3600);
  const minutes = Math.floor(all / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`;
}

/** `180 MB` */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

const BARS = '▁▂▃▄▅▆▇█';

/** The course of a value, the last ones to the right; what is not known is a gap. The highest bar is the largest of them. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const shown = values.slice(-width);
  const most = Math.max(0, ...shown.map((value) => value ?? 0));
  return shown
    .map((value) => {
      if (value === null) return ' ';
      const step = most === 0 ? 0 : Math.round((value / most) * (BARS.length - 1));
      return BARS[step] ?? '';
    })
    .join('');
}

/** `█████░░░░░` */
export function bar(share: number, width: number): string {
  const filled = Math.round(width * Math.min(1, Math.max(0, share)));
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
}

/** `1 client`, `3 clients` */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${amount(number)} ${number === 1 ? one : many}`;
}
