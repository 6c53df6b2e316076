import type { Log, LogFields } from '../../server/telemetry/log.js';

export interface LogEntry {
  readonly level: keyof Log;
  readonly fields: LogFields;
  readonly message: string;
}

/** A log that keeps what it is told, for tests to look at. */
export function collectLog(): Log & { readonly entries: readonly LogEntry[] } {
  const entries: LogEntry[] = [];
  const at = (level: keyof Log) => (fields: LogFields, message: string) => {
    entries.push({ level, fields, message });
  };
  return { entries, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** What operators read who have not asked for more. */
export function told({ entries }: { readonly entries: readonly LogEntry[] }): readonly LogEntry[] {
  return entries.filter(({ level }) => level !== 'debug');
}
