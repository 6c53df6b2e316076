import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OPTIONS } from '../../server/config/options.js';
import { explain } from '../../server/storage/check/findings.js';
import type { StoreReader } from '../../server/storage/check/store-reader.js';
import { UnreadableStore } from '../../server/storage/check/unreadable-store.js';
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../../server/storage/private-modes.js';
import { type FileHold, holdFile } from '../../server/storage/transfer/hold-file.js';
import { type Moved, moveStore } from '../../server/storage/transfer/move-store.js';
import { openReader, sqliteFileOf } from '../../server/storage/transfer/open-reader.js';
import { parseDocumentId } from '../../shared/ids.js';
import { systemClock } from '../../shared/time.js';
import { withoutPassword } from '../../shared/without-password.js';
import { UsageError } from '../../tools/usage-error.js';
import type { CommandIo } from '../command.js';
import { CommandError } from '../command-error.js';
import { fileNameFor } from './file-name.js';
import { type ForeignSource, openForeign } from './foreign-sources.js';
import { mendingWork } from './mending.js';
import { type ForeignMoved, migrateForeign } from './migrate-foreign.js';
import { withTarget } from './migrate-target.js';
import { Progress, wait } from './progress.js';
import { plural } from './run-verify.js';

export interface MigrateOptions {
  readonly from: string;
  readonly to: string;
  readonly merge: boolean;
  readonly document: string | undefined;
  readonly workspace: string | undefined;
  readonly refused: string | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** @returns the exit code. @throws CommandError, StoreOpenError, UsageError */
export async function runMigrate(options: MigrateOptions, io: CommandIo): Promise<number> {
  const foreign = await openForeign(options.from, io.signal);
  if (foreign !== undefined) return await fromForeign(foreign, options, io);
  const { workspace, refused } = options;
  if ((workspace ?? refused) !== undefined)
    throw new UsageError("--workspace and --refused are for another server's documents.");
  const file = sqliteFileOf(options.from);
  if (file !== undefined && file === sqliteFileOf(options.to))
    throw new UsageError('--from and --to are the same store.');
  const hold = await holdSource(options);
  try {
    const reader = await open(options, io);
    try {
      return await moveAll(reader, options, io);
    } finally {
      await reader.close();
    }
  } finally {
    await hold?.release();
  }
}

async function moveAll(source: StoreReader, options: MigrateOptions, io: CommandIo): Promise<number> {
  const file = sqliteFileOf(options.from);
  const name = file === undefined ? source.description : `sqlite:${file}`;
  return await withTarget(options, name, io, async ({ writer, resumed }) => {
    const progress = new Progress(io.stderr, 'Documents');
    const all: Moved[] = [];
    const counts = await moveStore(source, writer, {
      work: mendingWork,
      dryRun: options.dryRun,
      resumed,
      signal: io.signal,
      ...(options.document !== undefined && { document: options.document }),
      onMoved: (moved, done) => {
        progress.show(done, source.count);
        if (options.json) all.push(moved);
        else if (moved.became !== 'there') tell(moved, progress, io);
      },
    });
    progress.end();
    const left = counts.taken + counts.damaged;
    if (options.json) {
      const documents = all.map((moved) =>
        'findings' in moved ? { ...moved, findings: moved.findings.map(explain) } : moved,
      );
      io.stdout.write(
        `${JSON.stringify({ ok: left === 0, dryRun: options.dryRun, ...counts, documents })}\n`,
      );
    } else {
      if (options.document !== undefined && all.length === 0 && counts.copied + counts.there + left === 0)
        throw new CommandError(`There is no document ${options.document} in ${name}.`);
      const already = counts.there === 0 ? '' : `, ${counts.there} there already`;
      const not = left === 0 ? '' : `, ${left} left behind`;
      io.stdout.write(
        `${plural(counts.copied, 'document')} ${options.dryRun ? 'to copy' : 'copied'}${already}${not}.\n`,
      );
    }
    return left > 0 ? 1 : 0;
  });
}

/** Whether edits that are made meanwhile would stay behind, without anybody knowing. */
function needsRest({ dryRun, document }: MigrateOptions): boolean {
  return !dryRun && document === undefined;
}

/** Keeps servers out of a file. @throws StoreOpenError if one uses it */
async function holdSource(options: MigrateOptions): Promise<FileHold | undefined> {
  const file = sqliteFileOf(options.from);
  return file === undefined || !needsRest(options) ? undefined : await holdFile(file);
}

async function open(options: MigrateOptions, { signal }: CommandIo): Promise<StoreReader> {
  try {
    return await openReader(options.from, { signal, wait, alone: needsRest(options) });
  } catch (error) {
    if (error instanceof UnreadableStore)
      throw new CommandError(`Nothing can be read in ${withoutPassword(options.from)}: ${error.message}.`, {
        cause: error,
      });
    throw error;
  }
}

/** One line for what is worth a line. */
function tell(moved: Moved, progress: Progress, { stdout }: CommandIo): void {
  const line =
    moved.became === 'taken'
      ? 'there is another document of this name, which stays'
      : moved.became === 'damaged'
        ? `damaged, and left behind: ${moved.findings.map(({ what }) => what).join('; ')}`
        : moved.became === 'copied' && moved.repairs.length > 0
          ? `copied, and mended: ${moved.repairs.join('; ')}`
          : undefined;
  if (line === undefined) return;
  progress.end();
  stdout.write(`${moved.id}: ${line}.\n`);
}

async function fromForeign(source: ForeignSource, options: MigrateOptions, io: CommandIo): Promise<number> {
  const { dryRun, json, workspace = 'default', refused: folder = 'coscribe-refused' } = options;
  try {
    parseDocumentId(`${workspace}/a`);
  } catch {
    throw new UsageError(`--workspace ${JSON.stringify(workspace)} is no name of a workspace.`);
  }
  if (options.document !== undefined) throw new UsageError('--document is for stores of Coscribe.');
  const limits = {
    maxUpdateBytes: OPTIONS.maxUpdateBytes.default,
    maxDocumentBytes: OPTIONS.maxDocumentBytes.default,
    maxDeleteRanges: OPTIONS.maxDeleteRanges.default,
    maxClientIds: OPTIONS.maxClientIds.default,
    maxAwarenessBytes: OPTIONS.maxAwarenessBytes.default,
    maxAwarenessDepth: OPTIONS.maxAwarenessDepth.default,
    maxPendingBytes: OPTIONS.maxPendingBytes.default,
    maxSessions: OPTIONS.maxSessionsPerDocument.default,
  };
  try {
    return await withTarget(options, source.description, io, async ({ writer, resumed, migration }) => {
      const all: object[] = [];
      const counts = { copied: 0, there: 0, taken: 0, refused: 0 };
      const { signal, stdout } = io;
      for await (const moved of migrateForeign(source, writer, {
        resumed,
        migration: migration.id,
        workspace,
        limits,
        clock: systemClock(),
        dryRun,
        signal,
      })) {
        counts[moved.became]++;
        if (moved.became === 'refused' && moved.state !== undefined && !dryRun)
          await keep(folder, moved.name, moved.state);
        if (json) all.push(plain(moved));
        else if (moved.became !== 'there') stdout.write(lineOf(moved));
      }
      const left = counts.taken + counts.refused;
      if (json) stdout.write(`${JSON.stringify({ ok: left === 0, dryRun, ...counts, documents: all })}\n`);
      else {
        const already = counts.there === 0 ? '' : `, ${counts.there} there already`;
        const not = left === 0 ? '' : `, ${left} left behind`;
        stdout.write(
          `${plural(counts.copied, 'document')} ${dryRun ? 'to copy' : 'copied'}${already}${not}.\n`,
        );
      }
      return left > 0 ? 1 : 0;
    });
  } finally {
    await source.close();
  }
}

function lineOf(moved: ForeignMoved): string {
  const name = JSON.stringify(moved.name);
  if (moved.became === 'refused') return `${name} is refused: ${moved.why}\n`;
  return moved.became === 'taken'
    ? `${name}: ${moved.id} is there already, and stays.\n`
    : `${name} → ${moved.id}\n`;
}

function plain(moved: ForeignMoved): object {
  if (moved.became !== 'refused') return moved;
  const { name, became, why } = moved;
  return { name, became, why };
}

async function keep(folder: string, name: string, state: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
  await writeFile(join(folder, `${fileNameFor(name)}.yjs`), state, { mode: PRIVATE_FILE });
}
