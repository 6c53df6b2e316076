import { chmod, chown, mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { explain, type Finding } from '../../server/storage/check/findings.js';
import type { ReadDocument, StoreReader } from '../../server/storage/check/store-reader.js';
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../../server/storage/private-modes.js';
import { type FileHold, holdFile } from '../../server/storage/transfer/hold-file.js';
import { type Moved, moveStore } from '../../server/storage/transfer/move-store.js';
import { openReader, sqliteFileOf } from '../../server/storage/transfer/open-reader.js';
import { openWriter } from '../../server/storage/transfer/open-writer.js';
import { discard, draftOf, publish, sync } from '../../server/storage/transfer/whole-file.js';
import { parseDocumentId } from '../../shared/ids.js';
import { CommandError } from '../command-error.js';
import { fileNameFor } from './file-name.js';
import { mendingWork } from './mending.js';
import { messageOf } from './message-of.js';
import { wait } from './progress.js';

export interface RepairOptions {
  readonly store: string;
  /** An empty store for what is whole, or can be made whole; beside a SQLite file unless given. */
  readonly to: string | undefined;
  /** The folder for what cannot. */
  readonly quarantine: string;
  readonly scratch: string | undefined;
  readonly signal: AbortSignal;
  readonly now: Date;
  onMoved(moved: Moved): void;
}

export interface Repaired {
  /** Where the whole store is now. */
  readonly store: string;
  /** Where the damaged one is now. */
  readonly damaged: string;
  readonly copied: number;
  readonly mended: number;
  readonly setAside: readonly string[];
  /** What the operator has to do yet, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Writes everything of a damaged store that is whole, or can be made whole, into a new one; what cannot is exported, byte for
 * byte, and set aside. The damaged store itself is not changed: a SQLite file gets another name, and the new one its name.
 *
 * @throws CommandError if a server uses it, or there is no empty place for the new one; StoreOpenError
 */
export async function repair(options: RepairOptions): Promise<Repaired> {
  const file = sqliteFileOf(options.store);
  if (file === undefined && options.to === undefined) {
    throw new CommandError(
      'A PostgreSQL store is repaired into an empty database, and is itself not changed: name that one with --to postgres://…, and start the nodes with it.',
    );
  }
  const held = file === undefined ? undefined : await holdFile(file);
  try {
    if (held === undefined || file === undefined || options.to !== undefined)
      return await rewrite(options.to ?? '', options);
    return await replace(file, held, options);
  } finally {
    await held?.release();
  }
}

/** Puts what is written anew into the place of a file. */
async function replace(file: string, held: FileHold, options: RepairOptions): Promise<Repaired> {
  const draft = draftOf(file);
  let result: Repaired;
  try {
    result = await rewrite(`sqlite:${draft}`, options);
    const notes = await giveTo(draft, file);
    result = { ...result, notes };
    await sync(draft);
  } catch (error) {
    await discard(draft);
    throw error;
  }
  const damaged = `${file}.damaged-${stamp(options.now)}`;
  await rename(file, damaged);
  // SQLite would take what is left of these for the new file's.
  for (const end of ['-wal', '-shm', '-journal'])
    if (await exists(file + end)) await rename(file + end, damaged + end);
  // Now, so that a server can begin with the new one as soon as it is there.
  await held.release();
  try {
    await publish(draft, file);
  } catch (error) {
    throw new CommandError(
      `The repaired store is ${draft}, the damaged one ${damaged}; ${file} could not be replaced (${messageOf(error)}). Put the repaired one there.`,
      { cause: error },
    );
  }
  return { ...result, store: `sqlite:${file}`, damaged: `sqlite:${damaged}` };
}

/** Whoever could read or write a file, and nobody else, can the one that takes its place. @returns what is to be done yet */
async function giveTo(draft: string, file: string): Promise<readonly string[]> {
  const { mode, uid, gid } = await stat(file);
  const own = await stat(draft);
  const same = own.uid === uid && own.gid === gid;
  const given =
    same ||
    (await chown(draft, uid, gid).then(
      () => true,
      () => false,
    ));
  // Rights of a group are those of another one now.
  await chmod(draft, mode & (given ? 0o777 : PRIVATE_FILE)).catch(() => {
    // Not every file system has rights.
  });
  return given
    ? []
    : [
        `${file} belonged to user ${uid} and group ${gid}. Give it back, as root: chown ${uid}:${gid} ${file} && chmod ${(mode & 0o777).toString(8)} ${file}`,
      ];
}

async function rewrite(target: string, options: RepairOptions): Promise<Repaired> {
  const { scratch, signal } = options;
  const reader = await openReader(options.store, {
    signal,
    wait,
    alone: true,
    ...(scratch !== undefined && { scratch }),
  });
  try {
    const writer = await openWriter(target, { wait, alone: true });
    try {
      if (!(await writer.isEmpty())) throw new CommandError(`${writer.description} is not empty.`);
      const result = await copy(reader, writer, options);
      // Not the addresses, which may have passwords.
      return { ...result, store: writer.description, damaged: reader.description, notes: [] };
    } finally {
      await writer.close();
    }
  } finally {
    await reader.close();
  }
}

async function copy(
  reader: StoreReader,
  writer: Awaited<ReturnType<typeof openWriter>>,
  { quarantine, signal, now, onMoved }: RepairOptions,
): Promise<Pick<Repaired, 'copied' | 'mended' | 'setAside'>> {
  let mended = 0;
  const setAside: string[] = [];
  const onDamaged = async (read: ReadDocument, findings: readonly Finding[]) => {
    // Damage may give a document the name of another one, which may be set aside, too.
    const again = setAside.filter((name) => name === read.name).length;
    await exportRaw(quarantine, read, findings, again === 0 ? '' : `.${again + 1}`);
    setAside.push(read.name);
    if (isDocumentId(read.name) && again === 0) await writer.setAside(read.name, now.getTime());
  };
  const counts = await moveStore(reader, writer, {
    work: mendingWork,
    signal,
    onDamaged,
    onMoved: (moved) => {
      if (moved.became === 'copied' && moved.repairs.length > 0) mended++;
      onMoved(moved);
    },
  });
  return { copied: counts.copied, mended, setAside };
}

/** One JSON object a line: what is wrong, then every row as it stands; bytes in base64. */
async function exportRaw(
  folder: string,
  read: ReadDocument,
  findings: readonly Finding[],
  ending: string,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
  const name = `${fileNameFor(read.name)}${ending}.jsonl`;
  const handle = await open(join(folder, name), 'wx', PRIVATE_FILE);
  try {
    await handle.appendFile(`${JSON.stringify({ document: read.name, findings: findings.map(explain) })}\n`);
    for await (const { table, columns } of read.raw()) {
      const plain = Object.fromEntries(
        Object.entries(columns).map(([column, value]) => [column, readable(value)]),
      );
      await handle.appendFile(`${JSON.stringify({ table, ...plain })}\n`);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function readable(value: unknown): unknown {
  return value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;
}

/** Whether a document can have this name. */
export function isDocumentId(name: string): boolean {
  try {
    return parseDocumentId(name) === name;
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

/** For names of files: `20261122-230500`. */
export function stamp(now: Date): string {
  return now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
}
