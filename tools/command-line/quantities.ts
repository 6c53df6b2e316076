import { withoutPassword } from '../../shared/without-password.js';
import { UsageError } from '../usage-error.js';

const TIMES: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const SIZES: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/**
 * A time as people write it: `500ms`, `30s`, `10m` (or `10min`), `1.5h`, `7d`; a number alone counts seconds.
 *
 * @param flag for the message: `--duration`
 * @returns milliseconds, above 0
 * @throws UsageError
 */
export function readDuration(flag: string, raw: string): number {
  const { amount, unit } = split(raw);
  const ms = amount * (TIMES[unit || 's'] ?? Number.NaN);
  if (ms > 0 && ms <= Number.MAX_SAFE_INTEGER) return ms;
  throw new UsageError(`${flag} is a time such as 30s, 10m or 1.5h, not "${raw}".`);
}

/**
 * An amount of bytes as people write it: `4096`, `64k`, `10MB`, `1GiB`; all of them count by 1,024.
 *
 * @returns whole bytes, above 0
 * @throws UsageError
 */
export function readSize(flag: string, raw: string): number {
  const { amount, unit } = split(raw);
  const bytes = Math.round(amount * (SIZES[unit.replace(/(?<=[kmg])i?b$/, '') || 'b'] ?? Number.NaN));
  if (bytes > 0 && bytes <= Number.MAX_SAFE_INTEGER) return bytes;
  throw new UsageError(`${flag} is a size such as 64k, 10M or 1G, not "${raw}".`);
}

/** A whole number within bounds. @throws UsageError */
export function readCount(flag: string, raw: string, min: number, max: number): number {
  const count = /^-?\d+$/.test(raw) ? Number(raw) : Number.NaN;
  if (count >= min && count <= max) return count;
  throw new UsageError(`${flag} is a whole number from ${min} to ${max}, not "${raw}".`);
}

/** An http or https address; what follows the host counts, too. @throws UsageError */
export function readUrl(flag: string, raw: string): URL {
  const url = URL.canParse(raw) ? new URL(raw) : undefined;
  const place = withoutPassword(raw);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new UsageError(`${flag} must be an http or https address, not "${place}".`);
  if (url.username !== '' || url.password !== '')
    throw new UsageError(`${flag} must be an address without user and password, not "${place}".`);
  return url;
}

function split(raw: string): { readonly amount: number; readonly unit: string } {
  const parts = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-z]*)$/i.exec(raw.trim());
  return { amount: Number(parts?.[1] ?? Number.NaN), unit: (parts?.[2] ?? '').toLowerCase() };
}
