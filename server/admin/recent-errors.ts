import type { RecentError } from '../../shared/admin.js';
import { CoscribeError } from '../../shared/errors.js';
import type { Clock } from '../../shared/time.js';
import type { Log, LogFields } from '../telemetry/log.js';

/** How many are kept, and how long the sentences of each are at most, in characters. */
const MAX_ERRORS = 100;
const MAX_MESSAGE = 300;
const MAX_NAME = 129;

/** Passes on what is logged, and keeps the newest warnings and errors for operators. */
export class RecentErrors implements Log {
  private readonly kept: Omit<RecentError, 'node'>[] = [];
  private total = 0;

  constructor(
    private readonly log: Log,
    private readonly clock: Pick<Clock, 'wall'>,
  ) {}

  /** How many there were since the start: whoever has seen so many has seen all. */
  get count(): number {
    return this.total;
  }

  /** Oldest first. @param node the name of this node, under which they are told */
  list(node: string): RecentError[] {
    return this.kept.map((error) => ({ node, ...error }));
  }

  debug(fields: LogFields, message: string): void {
    this.log.debug(fields, message);
  }

  info(fields: LogFields, message: string): void {
    this.log.info(fields, message);
  }

  warn(fields: LogFields, message: string): void {
    this.log.warn(fields, message);
    this.keep('warn', fields, message);
  }

  error(fields: LogFields, message: string): void {
    this.log.error(fields, message);
    this.keep('error', fields, message);
  }

  private keep(level: RecentError['level'], fields: LogFields, message: string): void {
    const { err, reason, document } = fields;
    const why = err instanceof Error ? err.message : typeof reason === 'string' ? reason : '';
    this.total++;
    this.kept.push({
      at: this.clock.wall(),
      level,
      message: lineOf(why === '' ? message : `${message}: ${why}`, MAX_MESSAGE),
      ...(err instanceof CoscribeError && { code: err.code }),
      ...(typeof document === 'string' && { document: lineOf(document, MAX_NAME) }),
    });
    if (this.kept.length > MAX_ERRORS) this.kept.shift();
  }
}

/** One line, of whole characters. */
function lineOf(text: string, most: number): string {
  const shown = text.length <= most ? text : `${text.slice(0, most - 1)}…`;
  return shown.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').replace(/\p{Cs}/gu, '\uFFFD');
}
