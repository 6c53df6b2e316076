import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Database from 'libsql';
import { removeFiles } from '../../server/storage/check/sqlite-reader.js';
import { copyLiveFile } from '../../server/storage/transfer/copy-live-file.js';
import { CommandError } from '../command-error.js';
import { wait } from './progress.js';

/** A document of another server. */
export interface ForeignDocument {
  readonly name: string;
  /** A Yjs update (version 1) with everything. @throws what the other library throws */
  read(): Promise<Uint8Array>;
}

/** Where another server keeps its documents. */
export interface ForeignSource {
  readonly description: string;
  documents(): Promise<readonly ForeignDocument[]>;
  close(): Promise<void>;
}

/** Opens `leveldb:DIR` or `hocuspocus-sqlite:FILE`; `undefined` for anything else. @throws CommandError */
export async function openForeign(url: string, signal: AbortSignal): Promise<ForeignSource | undefined> {
  const [, scheme, place] = /^(leveldb|hocuspocus-sqlite):(.*)$/s.exec(url) ?? [];
  if (scheme === undefined || place === undefined) return undefined;
  const path = resolve(place);
  if (!existsSync(path)) throw new CommandError(`${path} is not there.`);
  return scheme === 'leveldb' ? openLevel(path) : await openHocuspocus(path, signal);
}

/** The part of y-leveldb that we use. */
interface LevelModule {
  readonly LeveldbPersistence: new (
    folder: string,
  ) => {
    getAllDocNames(): Promise<readonly string[]>;
    getDiff(name: string, stateVector: Uint8Array): Promise<Uint8Array>;
    destroy(): Promise<void>;
  };
}

/** The state vector of a document with nothing in it. */
const NOTHING = new Uint8Array([0]);

function openLevel(folder: string): ForeignSource {
  if (!existsSync(join(folder, 'CURRENT')))
    throw new CommandError(`${folder} is no LevelDB: it has no file CURRENT.`);
  const persistence = new (requireLevel().LeveldbPersistence)(folder);
  const documents = async () =>
    (await persistence.getAllDocNames()).map((name) => ({
      name,
      read: () => persistence.getDiff(name, NOTHING),
    }));
  return {
    description: `leveldb:${folder}`,
    documents: async () => {
      try {
        return await documents();
      } catch (error) {
        throw new CommandError(`${folder} cannot be read. A server may be using it: stop that first.`, {
          cause: error,
        });
      }
    },
    close: () => persistence.destroy(),
  };
}

/** Of the folder in which the command runs, or our own: whoever used y-leveldb has it. @throws CommandError */
function requireLevel(): LevelModule {
  for (const from of [join(process.cwd(), 'package.json'), import.meta.url]) {
    try {
      return createRequire(from)('y-leveldb') as LevelModule;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new CommandError(
    'To read a LevelDB, the package y-leveldb is needed. Install it here: npm install y-leveldb',
  );
}

/** The table of @hocuspocus/extension-sqlite. Copied first: its server may be running. */
async function openHocuspocus(file: string, signal: AbortSignal): Promise<ForeignSource> {
  const copy = join(tmpdir(), `coscribe-${process.pid}-${randomUUID()}.db`);
  await copyLiveFile(file, copy, { signal, wait });
  try {
    const database = new Database(copy);
    const names = database.prepare(
      'SELECT rowid AS key, CAST(name AS BLOB) AS name FROM documents ORDER BY name',
    );
    const select = database.prepare('SELECT data FROM documents WHERE rowid = ?');
    type Named = { readonly key: number; readonly name: Uint8Array };
    const documents = (names.all([]) as Named[]).map(({ key, name }) => ({
      name: Buffer.from(name).toString(),
      read: async () => new Uint8Array((select.all([key])[0] as { readonly data: Uint8Array }).data),
    }));
    return {
      description: `hocuspocus-sqlite:${file}`,
      documents: async () => documents,
      close: async () => {
        database.close();
        removeFiles(copy);
      },
    };
  } catch (error) {
    removeFiles(copy);
    throw new CommandError(
      `${file} has no table "documents" with the columns "name" and "data", as Hocuspocus' SQLite has.`,
      {
        cause: error,
      },
    );
  }
}
