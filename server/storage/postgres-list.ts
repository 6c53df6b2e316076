import { minuteOf } from './delivery-records.js';
import { FEW_NAMES, namesOf, placeBefore } from './list-order.js';
import { readSummary } from './postgres-documents.js';
import type { Query } from './postgres-log.js';
import { SCHEMA } from './postgres-schema.js';
import { statement } from './postgres-statements.js';
import type { DocumentSummary, ListQuery } from './store.js';

const SUMMARY = `SELECT id, head, created_at, updated_at FROM ${SCHEMA}.documents WHERE deleted_at IS NULL AND `;
/** By the index of names. */
const FEW = 'id >= $1 AND id < $2';
/** Not by it: an expression has no index. */
const MANY = `id || '' >= $1 AND id || '' < $2`;

const behind = (time: string) => `(${time} < $3::bigint OR (${time} = $3::bigint AND id || '' > $4))`;

/** Minutes that surely have as many documents as are asked for, behind those of the minute in which the list begins. */
const ENOUGH_MINUTES = `updated_minute <= $6::bigint AND updated_minute >= coalesce(
  (SELECT updated_minute FROM ${SCHEMA}.documents WHERE deleted_at IS NULL AND updated_minute < $6::bigint AND ${MANY}
    ORDER BY updated_minute DESC LIMIT 1 OFFSET $5::bigint - 1),
  (SELECT min(updated_minute) FROM ${SCHEMA}.documents))`;

const COUNT_NAMES = statement(
  'count_names',
  `SELECT count(*) FROM (SELECT FROM ${SCHEMA}.documents WHERE ${FEW} LIMIT $3::bigint) AS found`,
);

const BY_NAME = statement('list_by_name', `${SUMMARY} ${FEW} AND id > $3 ORDER BY id LIMIT $4::bigint`);

const LISTS = {
  few: {
    updated: statement(
      'list_few_by_edit',
      `${SUMMARY} ${FEW} AND ${behind('updated_at')} ORDER BY updated_at DESC, id LIMIT $5::bigint`,
    ),
    created: statement(
      'list_few_by_creation',
      `${SUMMARY} ${FEW} AND ${behind('created_at + 0')} ORDER BY created_at + 0 DESC, id LIMIT $5::bigint`,
    ),
  },
  many: {
    updated: statement(
      'list_by_edit',
      `${SUMMARY} ${MANY} AND ${ENOUGH_MINUTES} AND ${behind('updated_at')}
        ORDER BY updated_at DESC, id LIMIT $5::bigint`,
    ),
    created: statement(
      'list_by_creation',
      `${SUMMARY} ${MANY} AND created_at <= $3::bigint AND ${behind('created_at')}
        ORDER BY created_at DESC, id LIMIT $5::bigint`,
    ),
  },
};

/** Lists documents without looking at all of them. @throws CoscribeError */
export async function listDocuments(query: Query, wanted: ListQuery): Promise<readonly DocumentSummary[]> {
  const { limit, order = 'updated', after } = wanted;
  if (limit <= 0) return [];
  const { from, to } = namesOf(wanted);
  if (order === 'name')
    return (await query(BY_NAME, [from, to, after?.id ?? '', limit])).rows.map(readSummary);
  const { at, id } = placeBefore(wanted);
  const kind = (await areFew(query, from, to)) ? 'few' : 'many';
  const minute = kind === 'many' && order === 'updated' ? [minuteOf(at)] : [];
  return (await query(LISTS[kind][order], [from, to, at, id, limit, ...minute])).rows.map(readSummary);
}

/** Then it is quicker to look at all of them and sort them than to look for them among the others. */
async function areFew(query: Query, from: string, to: string): Promise<boolean> {
  if (from === '') return false;
  return Number((await query(COUNT_NAMES, [from, to, FEW_NAMES + 1])).rows[0]?.[0]) <= FEW_NAMES;
}
