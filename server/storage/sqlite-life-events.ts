import type Database from 'libsql';
import type { DocumentId } from '../../shared/ids.js';
import { textOf } from './checksum.js';
import { FORGET_HOOK_MS, type LifeEvent, type LifeKind, type LifeOutcome } from './delivery-store.js';
import { firstOfLine } from './life-line.js';
import type { DocumentRow, DocumentRows } from './sqlite-documents.js';
import type { Input, LifeEventOperations } from './sqlite-messages.js';
import type { EarlierNames } from './sqlite-names.js';
import { selectOne } from './sqlite-statement.js';
import { type LifeRow, lifeHookSum, lifeSum } from './sqlite-sums.js';
import type { Transactions } from './sqlite-transactions.js';

const COLUMNS = `key, CAST(hook AS BLOB) AS hook, CAST(kind AS BLOB) AS kind, CAST(id AS BLOB) AS id,
  CAST(former AS BLOB) AS former, CAST(generation AS BLOB) AS generation, head, at, CAST(owner AS BLOB) AS owner, until`;

type StoredRow = Readonly<Record<keyof LifeRow, unknown>>;

/** The tables `life_hooks` and `life_events`. Runs in the storage thread. */
export class SqliteLifeEvents implements LifeEventOperations {
  private readonly keepHook;
  private readonly dropHook;
  private readonly forget;
  private readonly dropOrphans;
  private readonly hooksOf;
  private readonly nextKey;
  private readonly insert;
  private readonly first;
  private readonly claim;
  private readonly remove;
  private readonly select;

  constructor(
    database: Database.Database,
    private readonly documents: DocumentRows,
    private readonly names: EarlierNames,
    private readonly transactions: Transactions,
  ) {
    this.keepHook = database.prepare(
      'INSERT OR REPLACE INTO life_hooks (hook, kinds, seen_at, checksum) VALUES (?, ?, ?, ?)',
    );
    this.dropHook = database.prepare('DELETE FROM life_hooks WHERE hook = ?');
    this.forget = database.prepare('DELETE FROM life_hooks WHERE seen_at < ?');
    this.dropOrphans = database.prepare(
      'DELETE FROM life_events WHERE hook NOT IN (SELECT hook FROM life_hooks)',
    );
    this.hooksOf = database.prepare(
      `SELECT CAST(hook AS BLOB) AS hook FROM life_hooks WHERE ',' || kinds || ',' LIKE '%,' || ? || ',%'`,
    );
    this.nextKey = database.prepare('SELECT coalesce(max(key), 0) + 1 AS next FROM life_events');
    this.insert = database.prepare(
      `INSERT INTO life_events (key, hook, kind, id, former, generation, head, at, owner, until, checksum)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', 0, ?)`,
    );
    // The plus sign keeps SQLite from going through the keys: the names find what is few.
    this.first = database.prepare(
      `SELECT ${COLUMNS} FROM life_events WHERE key < ?1 AND hook = ?2
        AND (id IN (?3, ?4) OR former IN (?3, ?4) OR generation = ?5) ORDER BY +key LIMIT 1`,
    );
    this.claim = database.prepare('UPDATE life_events SET owner = ?, until = ?, checksum = ? WHERE key = ?');
    this.remove = database.prepare('DELETE FROM life_events WHERE hook = ? AND key = ?');
    this.select = database.prepare(
      `SELECT ${COLUMNS} FROM life_events WHERE hook = ? AND key > ? ORDER BY key LIMIT ?`,
    );
  }

  /** Keeps what becomes of a document, for the hooks that want it. Part of the transaction that does it. */
  note(kind: LifeKind, { id, generation, head }: DocumentRow, at: number, former?: DocumentId): void {
    for (const row of this.hooksOf.all([kind]) as { readonly hook: unknown }[]) {
      const { next: key } = selectOne(this.nextKey) as { readonly next: number };
      const hook = textOf(row.hook);
      const event = { key, kind, id, ...(former !== undefined && { former }), generation, head, at };
      const sum = lifeSum({ ...event, hook, owner: '', until: 0 });
      this.insert.run([key, hook, kind, id, former ?? null, generation, head, at, sum]);
    }
  }

  keepEvents({ hook, kinds, now }: Input<'keepEvents'>): void {
    this.transactions.run(() => {
      const list = kinds.join(',');
      if (kinds.length > 0) this.keepHook.run([hook, list, now, lifeHookSum(hook, list, now)]);
      else this.dropHook.run([hook]);
      this.forget.run([now - FORGET_HOOK_MS]);
      this.dropOrphans.run([]);
    });
  }

  claimEvents({ hook, ids, lease }: Input<'claimEvents'>): readonly LifeOutcome[] {
    return this.transactions.run(() => ids.map((id) => this.claimOne(hook, id, lease)));
  }

  private claimOne(hook: string, id: DocumentId, lease: Input<'claimEvents'>['lease']): LifeOutcome {
    const row = firstOfLine<LifeRow>({ id, generation: this.generationOf(id) }, (line, before) => {
      const found = selectOne(this.first, [before, hook, line.id, line.former ?? line.id, line.generation]);
      return found === undefined ? undefined : readRow(found as StoredRow);
    });
    if (row === undefined) return { state: 'nothing' };
    if (row.until > lease.now && row.owner !== lease.owner) return { state: 'held', until: row.until };
    const { owner, until } = lease;
    this.claim.run([owner, until, lifeSum({ ...row, owner, until }), row.key]);
    const now = this.nameOf(row);
    return { state: 'claimed', event: eventOf(row), ...(now !== undefined && { now }) };
  }

  /** Empty, which no generation is, if there is no such document or its record is damaged. */
  private generationOf(id: DocumentId): string {
    try {
      return this.documents.find(id)?.generation ?? '';
    } catch {
      return '';
    }
  }

  private nameOf({ id, generation }: LifeEvent): DocumentId | undefined {
    if (this.generationOf(id) === generation) return id;
    const moved = this.names.find(id)?.to;
    return moved !== undefined && this.generationOf(moved) === generation ? moved : undefined;
  }

  completeEvents({ hook, keys }: Input<'completeEvents'>): void {
    this.transactions.run(() => {
      for (const key of keys) this.remove.run([hook, key]);
    });
  }

  dueEvents({ hook, after, limit }: Input<'dueEvents'>): readonly LifeEvent[] {
    const rows = this.select.all([hook, after, Math.max(0, limit)]) as StoredRow[];
    return rows.map((row) => eventOf(readRow(row)));
  }
}

function readRow(row: StoredRow): LifeRow {
  return {
    key: Number(row.key),
    hook: textOf(row.hook),
    kind: textOf(row.kind) as LifeKind,
    id: textOf(row.id) as DocumentId,
    ...(row.former !== null && { former: textOf(row.former) as DocumentId }),
    generation: textOf(row.generation),
    head: Number(row.head),
    at: Number(row.at),
    owner: textOf(row.owner),
    until: Number(row.until),
  };
}

function eventOf({ key, kind, id, former, generation, head, at }: LifeRow): LifeEvent {
  return { key, kind, id, ...(former !== undefined && { former }), generation, head, at };
}
