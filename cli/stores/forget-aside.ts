import { existsSync } from 'node:fs';
import { sqliteFileOf } from '../../server/storage/transfer/open-reader.js';
import { openTrial } from '../../server/storage/transfer/open-trial.js';
import { openWriter } from '../../server/storage/transfer/open-writer.js';
import type { CommandIo } from '../command.js';
import { CommandError } from '../command-error.js';
import { wait } from './progress.js';

/**
 * Frees the names of documents that were set aside and are not wanted back.
 *
 * @param wanted one of them, or `all`
 * @throws CommandError if there is none such; StoreOpenError
 */
export async function forgetAside(
  store: string,
  wanted: string,
  { stderr, signal }: Pick<CommandIo, 'stderr' | 'signal'>,
): Promise<void> {
  const file = sqliteFileOf(store);
  if (file !== undefined && !existsSync(file)) throw new CommandError(`${file} is not there.`);
  // Looked at first, because opening for writing makes what is not there.
  const trial = await openTrial(store, { signal, wait });
  const aside = await trial.listAside();
  await trial.close();
  const names = wanted === 'all' ? aside : aside.filter((name) => name === wanted);
  if (names.length === 0)
    throw new CommandError(
      wanted === 'all' ? 'No document was set aside.' : `There is no document ${wanted} that was set aside.`,
    );
  const writer = await openWriter(store, { alone: false, wait });
  try {
    for (const name of names) {
      signal.throwIfAborted();
      await writer.forgetAside(name);
      stderr.write(`${name} is forgotten: its name is free.\n`);
    }
  } finally {
    await writer.close();
  }
}
