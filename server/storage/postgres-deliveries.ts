import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { minuteOf } from './delivery-records.js';
import {
  AUTHORS_OF_CHANGES,
  type ClaimOutcome,
  type DeliveryLease,
  type DeliveryStore,
  type DuePage,
  type DuePlace,
  type HookRecord,
  type LifeStore,
  type ToldDelivery,
  type WantedDelivery,
} from './delivery-store.js';
import type { Row } from './postgres-connections.js';
import { PostgresLifeEvents } from './postgres-life-events.js';
import type { Query } from './postgres-log.js';
import { DELETED_MARK, SCHEMA } from './postgres-schema.js';
import { statement } from './postgres-statements.js';
import { fromTextValue, numberList, textList } from './postgres-values.js';

const BEGIN_HOOK = statement(
  'begin_hook',
  `INSERT INTO ${SCHEMA}.webhooks (name, since, checked_minute) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
);

const READ_HOOK = statement(
  'read_hook',
  `SELECT key, since, checked_minute FROM ${SCHEMA}.webhooks WHERE name = $1`,
);

const CLAIM = statement(
  'claim_deliveries',
  `SELECT * FROM ${SCHEMA}.claim_deliveries($1, $2, $3, $4, $5, $6, $7, '${DELETED_MARK}', ${AUTHORS_OF_CHANGES})`,
);

/** Of what was just claimed, lets go what lies behind `$4`; when that one was made, and by whom the changes after `$6` were. */
const CAP = statement(
  'cap_delivery',
  `WITH own AS (
      SELECT key, updated_at FROM ${SCHEMA}.documents WHERE id = $2 AND generation IN ($3, '${DELETED_MARK}' || $3)
    ), capped AS (
      UPDATE ${SCHEMA}.deliveries v
        SET target = greatest(v.told, $4), until = CASE WHEN v.told < $4 THEN v.until ELSE 0 END
        FROM own WHERE v.document = own.key AND v.hook = $1 AND v.owner = $5
    )
    SELECT
        coalesce((SELECT committed_at FROM ${SCHEMA}.log WHERE document = own.key AND seq = $4), own.updated_at),
        (SELECT json_agg(author ORDER BY newest DESC)::text FROM (
          SELECT author, max(seq) AS newest FROM ${SCHEMA}.log
            WHERE document = own.key AND seq > $6 AND seq <= $4 GROUP BY author) AS each)
      FROM own`,
);

/** Locks in the order in which `claim_deliveries` does. */
const COMPLETE = statement(
  'complete_deliveries',
  `WITH mine AS (
      SELECT v.document, v.hook, w.told FROM unnest($2::text[], $3::text[], $4::bigint[]) AS w (id, generation, told)
        JOIN ${SCHEMA}.documents d ON d.id = w.id
          AND d.generation IN (w.generation, '${DELETED_MARK}' || w.generation)
        JOIN ${SCHEMA}.deliveries v ON v.document = d.key AND v.hook = $1
        ORDER BY d.id FOR UPDATE OF v
    )
    UPDATE ${SCHEMA}.deliveries v
      SET told = greatest(v.told, mine.told), until = CASE WHEN v.owner = $5 THEN 0 ELSE v.until END
      FROM mine WHERE v.document = mine.document AND v.hook = mine.hook`,
);

const DUE = statement(
  'due_documents',
  `SELECT d.key, d.updated_minute, d.id, d.updated_at,
      d.head > coalesce(v.told, CASE WHEN d.updated_at >= $2 THEN 0 ELSE d.head END)
    FROM (
      SELECT key, updated_minute, id, updated_at, head FROM ${SCHEMA}.documents
        WHERE (updated_minute, key) > ($3::bigint, $4::bigint) ORDER BY updated_minute, key LIMIT $5::bigint
    ) AS d LEFT JOIN ${SCHEMA}.deliveries v ON v.document = d.key AND v.hook = $1 ORDER BY d.updated_minute, d.key`,
);

const CHECKED = statement(
  'hook_checked',
  `UPDATE ${SCHEMA}.webhooks SET checked_minute = $2 WHERE name = $1 AND checked_minute < $2`,
);

interface Hook extends HookRecord {
  readonly key: number;
}

/** What hooks were told, in PostgreSQL. */
export class PostgresDeliveries implements DeliveryStore {
  /** Neither the key of a hook nor its `since` ever changes. */
  private readonly known = new Map<string, Hook>();

  readonly life: LifeStore;

  constructor(private readonly query: Query) {
    this.life = new PostgresLifeEvents(query);
  }

  async beginHook(hook: string, now: number): Promise<HookRecord> {
    await this.query(BEGIN_HOOK, [hook, now, minuteOf(now)]);
    const { since, checkedMinute } = await this.read(hook);
    return { since, checkedMinute };
  }

  async claimDeliveries(
    hook: string,
    wanted: readonly WantedDelivery[],
    { owner, now, until }: DeliveryLease,
  ): Promise<readonly ClaimOutcome[]> {
    const { key } = await this.begun(hook);
    const sorted = [...wanted.keys()].sort((a, b) => (idAt(wanted, a) < idAt(wanted, b) ? -1 : 1));
    const inOrder = sorted.flatMap((place) => wanted[place] ?? []);
    const { rows } = await this.query(CLAIM, [
      key,
      textList(inOrder.map(({ id }) => id)),
      textList(inOrder.map(({ commit }) => commit?.generation ?? '')),
      numberList(inOrder.map(({ commit }) => commit?.from ?? 0)),
      owner,
      now,
      until,
    ]);
    const outcomes: ClaimOutcome[] = wanted.map(() => ({ state: 'nothing' }));
    for (const [n, place] of sorted.entries()) outcomes[place] = readOutcome(rows[n] ?? []);
    for (const [n, one] of wanted.entries())
      outcomes[n] = await this.capped(key, one, outcomes[n] ?? { state: 'nothing' }, owner);
    return outcomes;
  }

  /** The outcome without what comes after `upTo`. */
  private async capped(
    hook: number,
    { id, upTo }: WantedDelivery,
    outcome: ClaimOutcome,
    owner: string,
  ): Promise<ClaimOutcome> {
    if (outcome.state !== 'claimed' || upTo === undefined || outcome.delivery.to <= upTo) return outcome;
    const { delivery } = outcome;
    const after = Math.max(delivery.from - 1, upTo - AUTHORS_OF_CHANGES);
    const { rows } = await this.query(CAP, [hook, id, delivery.generation, upTo, owner, after]);
    const [at, authors] = rows[0] ?? [];
    if (delivery.from > upTo || at === undefined) return { state: 'nothing' };
    return {
      state: 'claimed',
      delivery: { ...delivery, to: upTo, at: Number(at), authors: readAuthors(authors) },
    };
  }

  async completeDeliveries(hook: string, told: readonly ToldDelivery[], owner: string): Promise<void> {
    const { key } = await this.begun(hook);
    const ids = textList(told.map(({ id }) => id));
    const generations = textList(told.map(({ generation }) => generation));
    await this.query(COMPLETE, [key, ids, generations, numberList(told.map(({ to }) => to)), owner]);
  }

  async dueDocuments(hook: string, after: DuePlace, limit: number): Promise<DuePage> {
    const { key, since } = await this.begun(hook);
    const most = Math.max(0, limit);
    const { rows } = await this.query(DUE, [key, since, after.minute, after.key, most]);
    const last = rows.length < most ? undefined : rows.at(-1);
    return {
      documents: rows
        .filter((row) => row[4] === true)
        .map(([, , id, updatedAt]) => ({ id: String(id) as DocumentId, updatedAt: Number(updatedAt) })),
      next: last && { minute: Number(last[1]), key: Number(last[0]) },
    };
  }

  async hookChecked(hook: string, minute: number): Promise<void> {
    await this.query(CHECKED, [hook, minute]);
  }

  private async begun(hook: string): Promise<Hook> {
    return this.known.get(hook) ?? (await this.read(hook));
  }

  private async read(name: string): Promise<Hook> {
    const row = (await this.query(READ_HOOK, [name])).rows[0];
    if (row === undefined) throw new CoscribeError('internal', 'the hook was not begun');
    const hook = { key: Number(row[0]), since: Number(row[1]), checkedMinute: Number(row[2]) };
    this.known.set(name, hook);
    return hook;
  }
}

function idAt(wanted: readonly WantedDelivery[], place: number): string {
  return wanted[place]?.id ?? '';
}

function readOutcome([state, generation, from, to, head, at, authors]: Row): ClaimOutcome {
  if (state === 'held') return { state, until: Number(at) };
  if (state !== 'claimed') return { state: 'nothing' };
  return {
    state,
    delivery: {
      generation: String(generation),
      from: Number(from),
      to: Number(to),
      head: Number(head),
      at: Number(at),
      authors: readAuthors(authors),
    },
  };
}

function readAuthors(authors: unknown): readonly string[] {
  if (authors === null || authors === undefined) return [];
  return (JSON.parse(String(authors)) as readonly string[]).map(fromTextValue);
}
