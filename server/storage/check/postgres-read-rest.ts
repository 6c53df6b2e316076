import { checksum } from '../checksum.js';
import { voidingSum } from '../postgres-access.js';
import { readEvent } from '../postgres-life-events.js';
import { SCHEMA } from '../postgres-schema.js';
import { fromTextValue } from '../postgres-values.js';
import { receiptFacts } from '../receipt-records.js';
import type { Receipt } from '../receipts.js';
import type { Finding } from './findings.js';
import type { Read } from './postgres-read.js';
import type { StoredRest } from './store-reader.js';

/** The columns that `readStoredReceipt` takes. */
export const RECEIPT = `key, digest, seq, generation, answer, created_at, checksum # coalesce(seq, 0)`;

/** @returns `undefined` if it is damaged */
export function readStoredReceipt(row: readonly unknown[]): Receipt | undefined {
  const [key, digest, seq, generation, answer, createdAt, sum] = row;
  const receipt = {
    key: fromTextValue(String(key)),
    digest: fromTextValue(String(digest)),
    ...(seq !== null && { seq: Number(seq) }),
    ...(generation !== null && { generation: String(generation) }),
    ...(answer !== null && { answer: fromTextValue(String(answer)) }),
    createdAt: Number(createdAt),
  };
  return checksum(receiptFacts(receipt)) === Number(sum) ? receipt : undefined;
}

/** Reads what belongs to no document. @throws what PostgreSQL throws */
export async function readPostgresRest(read: Read): Promise<StoredRest> {
  const findings: Finding[] = [];
  const [head] = await read(`SELECT revision FROM ${SCHEMA}.access_head`);
  const accessRevision = Number(head?.[0]);
  const accessChanges = (
    await read(
      `SELECT kind, id, revision, voided_at, checksum FROM ${SCHEMA}.access_changes ORDER BY revision`,
    )
  ).flatMap(([kind, id, revision, voidedAt, sum]) => {
    const change = {
      kind: String(kind),
      id: fromTextValue(String(id)),
      revision: Number(revision),
      voidedAt: voidedAt === null ? undefined : Number(voidedAt),
    };
    if (
      voidingSum(change.kind, change.id, change.voidedAt) === Number(sum) &&
      change.revision <= accessRevision
    )
      return [change];
    findings.push({ kind: 'access-change-damaged', what: 'the checksum of a change of access is wrong' });
    return [];
  });
  const hooks = (await read(`SELECT name, since, checked_minute FROM ${SCHEMA}.webhooks ORDER BY key`)).map(
    ([name, since, minute]) => ({
      name: fromTextValue(String(name)),
      since: Number(since),
      checkedMinute: Number(minute),
    }),
  );
  const lifeHooks = (await read(`SELECT hook, kinds, seen_at FROM ${SCHEMA}.life_hooks ORDER BY hook`)).map(
    ([hook, kinds, seenAt]) => ({
      hook: fromTextValue(String(hook)),
      kinds: kinds as readonly string[],
      seenAt: Number(seenAt),
    }),
  );
  const lifeEvents = (
    await read(
      `SELECT hook, key, kind, id, former, generation, head, at FROM ${SCHEMA}.life_events ORDER BY key`,
    )
  ).map(([hook, ...columns]) => ({ hook: fromTextValue(String(hook)), ...readEvent(columns) }));
  const receipts = (await read(`SELECT ${RECEIPT} FROM ${SCHEMA}.receipts WHERE document IS NULL`)).flatMap(
    (row) => {
      const receipt = readStoredReceipt(row);
      if (receipt !== undefined) return [receipt];
      findings.push({ kind: 'receipt-damaged', what: 'the checksum of a receipt is wrong' });
      return [];
    },
  );
  return { accessChanges, accessRevision, hooks, lifeHooks, lifeEvents, receipts, findings };
}
