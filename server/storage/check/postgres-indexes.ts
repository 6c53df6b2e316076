import pg from 'pg';
import { SCHEMA } from '../postgres-schema.js';
import { messageOf } from '../sqlite-errors.js';
import type { Finding } from './findings.js';
import type { Read } from './postgres-read.js';

/** What says that an index or a page is damaged: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const DAMAGED = new Set(['XX001', 'XX002']);

/** The function of the extension that checks indexes, if it is there and this role may use it. */
const FUNCTION = `SELECT p.oid::regproc::text FROM pg_extension e
  JOIN pg_proc p ON p.pronamespace = e.extnamespace AND p.proname = 'bt_index_check' AND p.pronargs >= 2
  WHERE e.extname = 'amcheck' AND has_function_privilege(p.oid, 'EXECUTE') AND has_schema_privilege(e.extnamespace, 'USAGE')
  LIMIT 1`;

const INDEXES = `SELECT c.oid, c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam
  WHERE n.nspname = '${SCHEMA}' AND a.amname = 'btree' AND i.indisvalid ORDER BY c.relname`;

export interface CheckedIndexes {
  readonly findings: readonly Finding[];
  /** What could not be looked at, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Whether each index is in order, and has an entry for each row of its table (`bt_index_check` of the extension amcheck, which
 * reads only). Nothing is installed for that: it is said what is missing.
 *
 * @param attempt what fails in it must not end the transaction
 */
export async function checkIndexes(
  read: Read,
  attempt: <Result>(work: () => Promise<Result>, failed: (error: unknown) => Result) => Promise<Result>,
): Promise<CheckedIndexes> {
  const [found] = await attempt(
    () => read(FUNCTION),
    () => [],
  );
  if (found === undefined) {
    return {
      findings: [],
      notes: [
        'The indexes of the database were not checked: for that a superuser has to run CREATE EXTENSION amcheck; and GRANT EXECUTE ON FUNCTION bt_index_check(regclass, boolean) TO the role of the store.',
      ],
    };
  }
  const findings: Finding[] = [];
  const notes: string[] = [];
  for (const [index, name] of await read(INDEXES)) {
    const error = await attempt(
      () => read(`SELECT ${found[0]}($1::oid::regclass, true)`, [index]).then(() => undefined),
      (thrown) => thrown,
    );
    if (error === undefined) continue;
    const what = `the index "${name}"`;
    if (error instanceof pg.DatabaseError && DAMAGED.has(error.code ?? ''))
      findings.push({ kind: 'index-damaged', what: `${what} does not fit its table (${messageOf(error)})` });
    else notes.push(`${what} could not be checked (${messageOf(error)}).`.replace('the', 'The'));
  }
  return { findings, notes };
}
