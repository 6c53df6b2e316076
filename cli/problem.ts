import { BusOpenError } from '../server/cluster/bus-open-error.js';
import { ConfigError } from '../server/config/config-error.js';
import { StoreOpenError } from '../server/storage/store-open-error.js';
import { CoscribeError } from '../shared/errors.js';
import { UsageError } from '../tools/usage-error.js';
import { CommandError } from './command-error.js';
import { Interrupted } from './interrupted.js';

/** What is told as it is: its message is a sentence for whoever called. */
const SENTENCES = [CommandError, ConfigError, StoreOpenError, BusOpenError, CoscribeError];

/** What ended a command, for the person who called it: one line, and the exit code. */
export function problemOf(error: unknown, command: string): { readonly code: number; readonly text: string } {
  if (error instanceof Interrupted) {
    // Nobody reads it any more.
    return { code: error.exitCode, text: error.signal === 'SIGPIPE' ? '' : error.message };
  }
  if (error instanceof UsageError) {
    const hint = error.message.includes('--help') ? '' : ` See ${`coscribe ${command}`.trim()} --help.`;
    return { code: 2, text: `${error.message}${hint}` };
  }
  if (!(error instanceof Error)) return { code: 1, text: String(error) };
  if (SENTENCES.some((kind) => error instanceof kind)) return { code: 2, text: error.message };
  return { code: 1, text: error.stack ?? error.message };
}
