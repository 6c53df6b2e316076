import { readFileSync } from 'node:fs';
import { UsageError } from '../usage-error.js';

/**
 * A token as it is, or `file:` and the name of a file that holds it, so that it is not on the command line.
 *
 * @param raw of an option or a variable; empty text counts as not given
 * @throws UsageError, without the token
 */
export function readToken(raw: string | undefined): string | undefined {
  if (raw === undefined || raw === '') return undefined;
  if (!raw.startsWith('file:')) return raw;
  try {
    return readFileSync(raw.slice('file:'.length), 'utf8').trim();
  } catch (error) {
    throw new UsageError(`--token ${raw} can't be read: ${(error as Error).message}.`);
  }
}
