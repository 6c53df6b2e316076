import type { DocumentId } from '../../shared/ids.js';
import {
  type DeliveryLease,
  FORGET_HOOK_MS,
  type LifeEvent,
  type LifeKind,
  type LifeOutcome,
  type LifeStore,
} from './delivery-store.js';
import type { Row } from './postgres-connections.js';
import type { Query } from './postgres-log.js';
import { SCHEMA } from './postgres-schema.js';
import { statement } from './postgres-statements.js';
import { numberList, textList } from './postgres-values.js';

const KEEP = statement(
  'keep_life_hook',
  `INSERT INTO ${SCHEMA}.life_hooks (hook, kinds, seen_at) VALUES ($1, $2::text[], $3)
    ON CONFLICT (hook) DO UPDATE SET kinds = EXCLUDED.kinds, seen_at = greatest(life_hooks.seen_at, EXCLUDED.seen_at)`,
);

const FORGET = statement(
  'forget_life_hooks',
  `DELETE FROM ${SCHEMA}.life_hooks WHERE hook = $1 OR seen_at < $2`,
);

const DROP_ORPHANS = statement(
  'drop_life_orphans',
  `DELETE FROM ${SCHEMA}.life_events WHERE hook NOT IN (SELECT hook FROM ${SCHEMA}.life_hooks)`,
);

const CLAIM = statement('claim_event', `SELECT * FROM ${SCHEMA}.claim_event($1, $2, $3, $4, $5)`);

const COMPLETE = statement(
  'complete_events',
  `DELETE FROM ${SCHEMA}.life_events WHERE hook = $1 AND key = ANY ($2::bigint[])`,
);

const DUE = statement(
  'due_events',
  `SELECT key, kind, id, former, generation, head, at FROM ${SCHEMA}.life_events
    WHERE hook = $1 AND key > $2 ORDER BY key LIMIT $3`,
);

/** What became of documents, in PostgreSQL. It is written by triggers. */
export class PostgresLifeEvents implements LifeStore {
  constructor(private readonly query: Query) {}

  async keepEvents(hook: string, kinds: readonly LifeKind[], now: number): Promise<void> {
    if (kinds.length > 0) await this.query(KEEP, [hook, textList(kinds), now]);
    await this.query(FORGET, [kinds.length > 0 ? '' : hook, now - FORGET_HOOK_MS]);
    await this.query(DROP_ORPHANS, []);
  }

  async claimEvents(
    hook: string,
    ids: readonly DocumentId[],
    { owner, now, until }: DeliveryLease,
  ): Promise<readonly LifeOutcome[]> {
    // Each by itself, so that no two nodes wait for each other.
    const outcomes: LifeOutcome[] = [];
    for (const id of ids) {
      const { rows } = await this.query(CLAIM, [hook, id, owner, now, until]);
      outcomes.push(readOutcome(rows[0] ?? []));
    }
    return outcomes;
  }

  async completeEvents(hook: string, keys: readonly number[]): Promise<void> {
    await this.query(COMPLETE, [hook, numberList(keys)]);
  }

  async dueEvents(hook: string, after: number, limit: number): Promise<readonly LifeEvent[]> {
    const { rows } = await this.query(DUE, [hook, after, Math.max(0, limit)]);
    return rows.map(readEvent);
  }
}

function readOutcome([outcome, ...columns]: Row): LifeOutcome {
  if (outcome === 'held') return { state: 'held', until: Number(columns[6]) };
  if (outcome !== 'claimed') return { state: 'nothing' };
  const now = columns[7];
  return {
    state: 'claimed',
    event: readEvent(columns),
    ...(now !== null && now !== undefined && { now: String(now) as DocumentId }),
  };
}

/** Of the columns `key, kind, id, former, generation, head, at`. */
export function readEvent([key, kind, id, former, generation, head, at]: Row): LifeEvent {
  return {
    key: Number(key),
    kind: String(kind) as LifeKind,
    id: String(id) as DocumentId,
    ...(former !== null && { former: String(former) as DocumentId }),
    generation: String(generation),
    head: Number(head),
    at: Number(at),
  };
}
