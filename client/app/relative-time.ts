const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

const FORMAT = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** "3 minutes ago", "yesterday"; both times in milliseconds since the epoch. The future counts as now. */
export function relativeTime(then: number, now: number): string {
  const seconds = Math.max(0, (now - then) / 1000);
  const unit = UNITS.find(([, size]) => seconds >= size);
  if (unit === undefined) return seconds < 10 ? 'just now' : 'less than a minute ago';
  return FORMAT.format(-Math.floor(seconds / unit[1]), unit[0]);
}
