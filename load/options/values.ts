import { readDuration } from '../../tools/command-line/quantities.js';
import { UsageError } from '../../tools/usage-error.js';

/** A time that may also be none: `0`. @returns milliseconds @throws UsageError */
export function readPause(flag: string, raw: string): number {
  return /^0+(ms|s|m|h)?$/.test(raw) ? 0 : readDuration(flag, raw);
}

/** A number within bounds; `example` is shown to whoever writes something else. @throws UsageError */
export function readNumber(flag: string, raw: string, min: number, max: number, example: string): number {
  const value = /^\d+(\.\d+)?$/.test(raw) ? Number(raw) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${flag} is a number from ${min} to ${max}, such as ${example}, not "${raw}".`);
}

/** `50%` of `all`, or a whole number of at most `all`. @throws UsageError */
export function readShare(flag: string, raw: string, all: number): number {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(raw)?.[1];
  if (percent !== undefined && Number(percent) <= 100) return Math.round((all * Number(percent)) / 100);
  const value = /^\d+$/.test(raw) ? Number(raw) : Number.NaN;
  if (value <= all) return value;
  throw new UsageError(
    `${flag} is a share of the clients such as 50%, or how many of the ${all} clients, not "${raw}".`,
  );
}

const PER_MINUTE: Readonly<Record<string, number>> = { s: 60, m: 1, min: 1, h: 1 / 60 };

/**
 * `2/s`, `30/min`, `5/h`; a number alone is so many each `unit`.
 *
 * @returns how often a minute
 * @throws UsageError
 */
export function readRate(flag: string, raw: string, unit: 's' | 'min'): number {
  const [, amount, per] = /^(\d+(?:\.\d+)?)(?:\/(s|m|min|h))?$/.exec(raw) ?? [];
  if (amount === undefined)
    throw new UsageError(`${flag} is a rate such as 2/s, 30/min or 5/h, not "${raw}".`);
  return Number(amount) * (PER_MINUTE[per ?? unit] ?? 1);
}

/** `0.5x5s`: how often a minute, and for how long. @throws UsageError */
export function readSpells(flag: string, raw: string): { perMinute: number; forMs: number } {
  const [, perMinute, length] = /^(\d+(?:\.\d+)?)x(\d.*)$/.exec(raw) ?? [];
  if (perMinute === undefined || length === undefined)
    throw new UsageError(
      `${flag} says how often a minute and for how long: 0.5x5s is every other minute for five seconds, not "${raw}".`,
    );
  return { perMinute: Number(perMinute), forMs: readDuration(flag, length) };
}
