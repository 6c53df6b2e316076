import type { Writable } from 'node:stream';
import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { Log } from './log.js';

export interface LogOptions {
  /** The least important messages that are written; `silent` for none. */
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Lines for people instead of JSON; by default exactly when the output is a terminal. */
  readonly pretty?: boolean;
  /** Where to write; standard output by default. */
  readonly output?: Writable & { readonly isTTY?: boolean };
}

/** Writes each message at once, so that the last words of a process that ends are not lost. */
export function createLog(options: LogOptions): Log {
  const output = options.output ?? process.stdout;
  const forPeople = options.pretty ?? output.isTTY === true;
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (!forPeople) return pino(settings, options.output ?? pino.destination({ fd: 1, sync: true }));
  return pino(
    settings,
    pretty({
      destination: options.output ?? 1,
      sync: true,
      colorize: output.isTTY === true,
      translateTime: 'SYS:HH:MM:ss',
      singleLine: true,
    }),
  );
}
