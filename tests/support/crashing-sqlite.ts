import Database from 'libsql';
import type { Ask } from '../../server/storage/snapshot-transfer.js';
import { SqliteDatabase } from '../../server/storage/sqlite-database.js';
import type { OperationName } from '../../server/storage/sqlite-messages.js';

/** A storage thread in this one, whose process is gone after so many steps. */
export class CrashingSqlite {
  readonly ask: Ask;
  steps: OperationName[] = [];
  private readonly connection: Database.Database;

  constructor(file: string, after: number) {
    this.connection = new Database(file);
    // The empty transaction makes the write-ahead log, which has to be there from the beginning.
    this.connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN IMMEDIATE; COMMIT');
    const database = new SqliteDatabase(this.connection, file);
    this.ask = async (name, input) => {
      if (this.steps.length >= after) throw new Error('crashed');
      this.steps.push(name);
      return database.perform(name, input);
    };
  }

  end(): void {
    this.connection.close();
  }
}
