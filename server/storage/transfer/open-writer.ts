import { StoreOpenError } from '../store-open-error.js';
import { sqliteFileOf } from './open-reader.js';
import { PostgresWriter } from './postgres-writer.js';
import { SqliteWriter } from './sqlite-writer.js';
import type { StoreWriter, WriterOptions } from './store-writer.js';

/**
 * Opens a store for writing whole documents into it; creates it if it is not there.
 *
 * @throws StoreOpenError, also if somebody uses it who must not
 */
export async function openWriter(url: string, options: WriterOptions): Promise<StoreWriter> {
  const file = sqliteFileOf(url);
  if (file !== undefined) return SqliteWriter.open(file);
  if (/^postgres(ql)?:/.test(url)) return await PostgresWriter.open(url, options);
  throw new StoreOpenError('Documents can be written to "sqlite:FILE" or "postgres://…" only.');
}
