/** Facts that belong to a message, under stable names; `err` holds an error. */
export type LogFields = Readonly<Record<string, unknown>>;

/** What the rest of the server knows of logging. `pino-log.ts` is the implementation that runs. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}
