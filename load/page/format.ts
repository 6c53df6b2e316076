const GROUPS = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const SECONDS_PER_MINUTE = 60;
const MS_PER_SECOND = 1000;
const DASH = '–';
const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `12,345`; a dash for what is not known. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? DASH : GROUPS.format(value);
}

/** `0.42 ms`, `18 ms`, `3.2 s`. */
export function milliseconds(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return DASH;
  if (ms >= MS_PER_SECOND) return `${short(ms / MS_PER_SECOND)} s`;
  return `${short(ms)} ms`;
}

/** Three digits at most where there are decimals: `0.42`, `4.25`, `18.3`, `183`, `1,834`. */
export function short(value: number | null | undefined): string {
  if (value === null || value === undefined) return DASH;
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return GROUPS.format(value);
  return String(Number(value.toPrecision(size >= 1 ? 3 : 2)));
}

/** Bytes: `512 B`, `1.4 MB`. Powers of a thousand. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return DASH;
  let size = value;
  let unit = 0;
  while (size >= 999.5 && unit < SIZES.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${short(size)} ${SIZES[unit]}`;
}

/** A share of 1: `42 %`, `0.31 %`. */
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? DASH : `${short(share * 100)} %`;
}

/** Seconds since the beginning: `0:07`, `12:30`, `1:02:03`. */
export function moment(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / SECONDS_PER_MINUTE);
  const hours = Math.floor(minutes / SECONDS_PER_MINUTE);
  const rest = two(whole % SECONDS_PER_MINUTE);
  return hours > 0 ? `${hours}:${two(minutes % SECONDS_PER_MINUTE)}:${rest}` : `${minutes}:${rest}`;
}

/** How long something took: `4.2 s`, `61 s`, `12 min`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 2 * SECONDS_PER_MINUTE) return `${short(Math.round(seconds * 10) / 10)} s`;
  const minutes = Math.round(seconds / SECONDS_PER_MINUTE);
  if (minutes < 2 * SECONDS_PER_MINUTE) return `${minutes} min`;
  const rest = minutes % SECONDS_PER_MINUTE;
  return `${Math.floor(minutes / SECONDS_PER_MINUTE)} h${rest === 0 ? '' : ` ${rest} min`}`;
}

/** `1 client`, `12 clients`. */
export function several(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}
