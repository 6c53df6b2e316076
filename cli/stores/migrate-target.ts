import { randomUUID } from 'node:crypto';
import { openTrial } from '../../server/storage/transfer/open-trial.js';
import { openWriter } from '../../server/storage/transfer/open-writer.js';
import type { StoreWriter } from '../../server/storage/transfer/store-writer.js';
import type { Migration } from '../../server/storage/unfinished.js';
import type { CommandIo } from '../command.js';
import { CommandError } from '../command-error.js';
import { wait } from './progress.js';

export interface TargetOptions {
  readonly to: string;
  readonly merge: boolean;
  readonly document: string | undefined;
  readonly dryRun: boolean;
}

/** Where documents go. */
export interface MigrationTarget {
  readonly writer: StoreWriter;
  /** Whether all that it has is of an earlier attempt. */
  readonly resumed: boolean;
  readonly migration: Migration;
}

/**
 * Opens the store that documents go to, and marks it as one that not all have come to: until the work is done no server starts
 * with it, and the same command goes on.
 *
 * @param source where they come from, without secrets
 * @throws CommandError if it has documents, and may not; StoreOpenError
 */
export async function withTarget<Result>(
  options: TargetOptions,
  source: string,
  { stderr, signal }: Pick<CommandIo, 'stderr' | 'signal'>,
  work: (target: MigrationTarget) => Promise<Result>,
): Promise<Result> {
  const { to, merge, document, dryRun } = options;
  const writer = dryRun
    ? await openTrial(to, { signal, wait })
    : await openWriter(to, { alone: !merge, wait });
  let result: Result;
  try {
    const begun = await writer.unfinished();
    await check(writer, begun, source, options);
    const migration = begun ?? { source, id: randomUUID() };
    const whole = document === undefined && !dryRun;
    if (begun === undefined && whole && !merge) await writer.begin(migration);
    result = await work({ writer, resumed: begun !== undefined, migration });
    if (whole) await writer.finish();
  } catch (error) {
    if (signal.aborted && !dryRun)
      stderr.write('What has come stays; the same command goes on from there.\n');
    // What was wrong first is what counts.
    await writer.close().catch(() => {});
    throw error;
  }
  await writer.close();
  return result;
}

async function check(
  writer: StoreWriter,
  begun: Migration | undefined,
  source: string,
  { merge }: TargetOptions,
): Promise<void> {
  if (begun !== undefined && begun.source !== source) {
    throw new CommandError(
      `Documents are being moved into ${writer.description} from ${begun.source}, and not all of them have come. Give that coscribe migrate again first.`,
    );
  }
  if (begun !== undefined || merge || (await writer.isEmpty())) return;
  throw new CommandError(
    `${writer.description} has documents already. Name an empty store, or give --merge: then what it has stays as it is.`,
  );
}
