import type Database from 'libsql';

/**
 * The first row of a query, if there is one. Not by `statement.get()`: in libsql 0.5.29 a statement that failed
 * once in `get()`, for instance because the disk did, fails for ever after. One in `all()` or `run()` recovers.
 */
export function selectOne(statement: Database.Statement, parameters: readonly unknown[] = []): unknown {
  return statement.all(parameters)[0];
}
