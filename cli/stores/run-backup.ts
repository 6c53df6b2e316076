import { existsSync, statSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { checkStore } from '../../server/storage/check/check-store.js';
import { explain, type Finding } from '../../server/storage/check/findings.js';
import { SqliteReader } from '../../server/storage/check/sqlite-reader.js';
import { UnreadableStore } from '../../server/storage/check/unreadable-store.js';
import { copyLiveFile, RestlessStore } from '../../server/storage/transfer/copy-live-file.js';
import { moveStore } from '../../server/storage/transfer/move-store.js';
import { openReader, sqliteFileOf } from '../../server/storage/transfer/open-reader.js';
import { SqliteWriter } from '../../server/storage/transfer/sqlite-writer.js';
import { discard, draftOf, publish, settle } from '../../server/storage/transfer/whole-file.js';
import type { CommandIo } from '../command.js';
import { CommandError } from '../command-error.js';
import { mendingWork } from './mending.js';
import { messageOf } from './message-of.js';
import { Progress, wait } from './progress.js';
import { isDocumentId, stamp } from './repair.js';
import { sentence, verdict } from './run-verify.js';

export interface BackupOptions {
  readonly store: string;
  readonly to: string;
  /** How many to keep, if the time is to be in the name. */
  readonly keep: number | undefined;
  readonly verify: boolean;
  readonly json: boolean;
}

/** @returns the exit code. @throws CommandError, StoreOpenError */
export async function runBackup(options: BackupOptions, io: CommandIo): Promise<number> {
  const now = new Date();
  const wanted = resolve(options.to);
  const file = options.keep === undefined ? wanted : withTime(wanted, now);
  if (existsSync(file)) throw taken(file);
  await mkdir(dirname(file), { recursive: true });
  const draft = draftOf(file);
  try {
    const damaged = await write(options.store, draft, io);
    const told = new Set(damaged.map(({ document }) => document));
    const findings = options.verify
      ? (await check(draft, file, io)).filter(
          ({ kind, document }) => kind !== 'quarantined' || !told.has(document),
        )
      : [];
    await publish(draft, file);
    const all = [...damaged, ...findings];
    // An older one may be the last that is whole.
    const removed =
      options.keep === undefined || all.length > 0 ? [] : await removeOld(wanted, file, options.keep);
    return await report({ file, findings: all, removed }, options, io);
  } catch (error) {
    await discard(draft);
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw taken(file);
    throw error;
  }
}

function taken(file: string): CommandError {
  return new CommandError(`${file} is there already. Name another file, or use --keep N.`);
}

/** Writes everything into the draft. @returns what is damaged and so could not be taken along */
async function write(store: string, draft: string, io: CommandIo): Promise<readonly Finding[]> {
  const file = sqliteFileOf(store);
  return file === undefined ? await writeOut(store, draft, io) : await copyFile(file, draft, io);
}

async function copyFile(
  file: string,
  draft: string,
  { signal, stderr }: CommandIo,
): Promise<readonly Finding[]> {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) throw new CommandError(`${file} is not there.`);
  if (stats.size === 0)
    throw new CommandError(`${file} is empty, which no store ever is. Restore it from a backup.`);
  const progress = new Progress(stderr, 'Copying');
  try {
    const { torn } = await copyLiveFile(file, draft, {
      signal,
      wait,
      onProgress: (done, total) =>
        progress.show(Math.floor(done / 2 ** 20), Math.ceil(total / 2 ** 20), ' MB'),
    });
    settle(draft);
    return torn
      ? [{ kind: 'write-ahead-log-damaged', what: `${file}-wal has a damaged frame in the middle` }]
      : [];
  } catch (error) {
    signal.throwIfAborted();
    const what = error instanceof RestlessStore ? 'is written to too much to be copied' : 'cannot be copied';
    throw new CommandError(`${file} ${what}: ${messageOf(error)}.`, { cause: error });
  } finally {
    progress.end();
  }
}

/** Document by document, all as they were when the transaction began. */
async function writeOut(
  store: string,
  draft: string,
  { signal, stderr }: CommandIo,
): Promise<readonly Finding[]> {
  const reader = await openReader(store, { signal, wait });
  const progress = new Progress(stderr, 'Copying documents');
  try {
    const writer = SqliteWriter.open(draft);
    const findings: Finding[] = [];
    try {
      await moveStore(reader, writer, {
        work: mendingWork,
        signal,
        // Whoever goes on with the backup must not begin an empty document in its place.
        onDamaged: async ({ name }) => {
          if (isDocumentId(name)) await writer.setAside(name, Date.now());
        },
        onMoved: (moved, done) => {
          if (moved.became === 'damaged') findings.push(...moved.findings);
          progress.show(done, reader.count);
        },
      });
    } finally {
      await writer.close();
    }
    return findings;
  } finally {
    progress.end();
    await reader.close();
  }
}

async function check(
  draft: string,
  file: string,
  { signal, stderr }: CommandIo,
): Promise<readonly Finding[]> {
  const progress = new Progress(stderr, 'Checking documents');
  try {
    const reader = SqliteReader.open({ copy: draft, description: file, findings: [], remove: () => {} });
    try {
      const { findings } = await checkStore(reader, {
        verify: mendingWork.verify,
        signal,
        onProgress: ({ done, total }) => progress.show(done, total),
      });
      return findings;
    } finally {
      await reader.close();
    }
  } catch (error) {
    if (error instanceof UnreadableStore) return error.findings;
    throw error;
  } finally {
    progress.end();
  }
}

interface Written {
  readonly file: string;
  readonly findings: readonly Finding[];
  readonly removed: readonly string[];
}

async function report(
  { file, findings, removed }: Written,
  { keep, verify, json }: BackupOptions,
  io: CommandIo,
): Promise<number> {
  const { size: bytes } = await stat(file);
  if (json) {
    const ok = findings.length === 0;
    io.stdout.write(
      `${JSON.stringify({ ok, file, bytes, verified: verify, findings: findings.map(explain), removed })}\n`,
    );
  } else {
    for (const finding of findings) io.stdout.write(`${sentence(finding)}\n`);
    const state = !verify
      ? 'not checked'
      : findings.length === 0
        ? 'everything in it is whole'
        : verdict(findings);
    io.stdout.write(`${file}: ${bytes} bytes; ${state}.\n`);
    if (keep !== undefined && findings.length > 0)
      io.stdout.write('Older backups stay: one of them may be the last that is whole.\n');
    for (const old of removed) io.stdout.write(`Removed ${old}.\n`);
  }
  return findings.length > 0 ? 1 : 0;
}

/** `coscribe.db` → `coscribe-20261122-230500.db` */
function withTime(file: string, now: Date): string {
  const end = extname(file);
  return `${file.slice(0, file.length - end.length)}-${stamp(now)}${end}`;
}

/** All but the newest, of those that this command named so; never the one just made, whatever the clock says. */
async function removeOld(wanted: string, made: string, keep: number): Promise<readonly string[]> {
  const folder = dirname(wanted);
  const end = extname(wanted);
  const start = `${basename(wanted, end)}-`;
  const own = (name: string) =>
    name.startsWith(start) &&
    name.endsWith(end) &&
    /^\d{8}-\d{6}$/.test(name.slice(start.length, name.length - end.length));
  const names = (await readdir(folder)).filter(own).sort();
  const old = names
    .slice(0, Math.max(0, names.length - keep))
    .map((name) => join(folder, name))
    .filter((file) => file !== made);
  for (const file of old) await rm(file);
  return old;
}
