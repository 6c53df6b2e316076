import type Database from 'libsql';
import type { DocumentId } from '../../shared/ids.js';
import { textOf } from './checksum.js';
import { minuteOf, nextDelivery, once } from './delivery-records.js';
import { AUTHORS_OF_CHANGES, type ClaimOutcome, type DeliveryLease, type DuePage } from './delivery-store.js';
import type { DocumentRow, DocumentRows } from './sqlite-documents.js';
import { StoreFault, toFault } from './sqlite-errors.js';
import type { DeliveryOperations, Input } from './sqlite-messages.js';
import { selectOne } from './sqlite-statement.js';
import { hookSum, type ToldRow, toldSum } from './sqlite-sums.js';
import type { Transactions } from './sqlite-transactions.js';

interface Hook {
  readonly key: number;
  readonly since: number;
  readonly checkedMinute: number;
}

interface StoredRecord {
  readonly told: number;
  readonly target: number;
  readonly until: number;
  readonly owner: unknown;
}

interface LookedAt {
  readonly key: number;
  readonly minute: number;
  readonly id: unknown;
  readonly updatedAt: number;
  readonly due: number;
}

/**
 * The tables `webhooks` and `deliveries`. Runs in the storage thread. Their checksums are for `coscribe verify`: here a
 * damaged row makes a hook hear of the wrong changes of one document, which is better than of none.
 */
export class SqliteDeliveries implements DeliveryOperations {
  private readonly insertHook;
  private readonly selectHook;
  private readonly noteChecked;
  private readonly select;
  private readonly replace;
  private readonly firstSince;
  private readonly newest;
  private readonly look;
  private readonly remove;

  constructor(
    database: Database.Database,
    private readonly documents: DocumentRows,
    private readonly transactions: Transactions,
  ) {
    this.insertHook = database.prepare(
      'INSERT INTO webhooks (name, since, checked_minute, checksum) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.selectHook = database.prepare(
      'SELECT key, since, checked_minute AS checkedMinute FROM webhooks WHERE name = ?',
    );
    this.noteChecked = database.prepare('UPDATE webhooks SET checked_minute = ?, checksum = ? WHERE key = ?');
    this.select = database.prepare(
      `SELECT told, target, until, CAST(owner AS BLOB) AS owner FROM deliveries WHERE document = ? AND hook = ?`,
    );
    this.replace = database.prepare(
      `INSERT OR REPLACE INTO deliveries (document, hook, told, target, owner, until, checksum)
        VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.firstSince = database.prepare(
      'SELECT min(seq) AS first FROM log WHERE document = ? AND committed_at >= ?',
    );
    this.newest = database.prepare(
      `SELECT seq, committed_at AS committedAt, CAST(author AS BLOB) AS author FROM log
        WHERE document = ? AND seq > ? AND seq <= ? ORDER BY seq DESC`,
    );
    // In two parts, each of which finds its beginning in the index: thousands of documents may be of one minute.
    const part = (where: string, order: string) =>
      `SELECT * FROM (SELECT key, updated_minute AS minute, id, updated_at, head FROM documents
        WHERE updated_minute ${where} ORDER BY ${order} LIMIT ?4)`;
    this.look = database.prepare(
      `SELECT d.key, d.minute, CAST(d.id AS BLOB) AS id, d.updated_at AS updatedAt,
          d.head > coalesce(v.told, CASE WHEN d.updated_at >= ?5 THEN 0 ELSE d.head END) AS due
        FROM (${part('= ?1 AND key > ?2', 'key')} UNION ALL ${part('> ?1', 'updated_minute, key')} LIMIT ?4) AS d
        LEFT JOIN deliveries v ON v.document = d.key AND v.hook = ?3`,
    );
    this.remove = database.prepare('DELETE FROM deliveries WHERE document = ?');
  }

  beginHook({ hook, now }: Input<'beginHook'>) {
    const found = this.hookOf(hook) ?? this.transactions.run(() => this.make(hook, now));
    return { since: found.since, checkedMinute: found.checkedMinute };
  }

  private make(hook: string, now: number): Hook {
    this.insertHook.run([hook, now, minuteOf(now), hookSum(hook, now, minuteOf(now))]);
    return this.begun(hook);
  }

  claimDeliveries({ hook, wanted, lease }: Input<'claimDeliveries'>): readonly ClaimOutcome[] {
    const known = this.begun(hook);
    return this.transactions.run(() =>
      wanted.map((one): ClaimOutcome => {
        try {
          return this.claim(known, one, lease);
        } catch (error) {
          // The others are to be told.
          if (toFault(error).code !== 'document-unreadable') throw error;
          return { state: 'nothing' };
        }
      }),
    );
  }

  private claim(
    hook: Hook,
    { id, commit, upTo }: Input<'claimDeliveries'>['wanted'][number],
    lease: DeliveryLease,
  ): ClaimOutcome {
    const document = this.documents.find(id);
    if (document === undefined) return { state: 'nothing' };
    const stored = selectOne(this.select, [document.key, hook.key]) as StoredRecord | undefined;
    const record = stored && { ...stored, own: textOf(stored.owner) === lease.owner };
    const firstSince = (time: number) => {
      const row = selectOne(this.firstSince, [document.key, time]) as { readonly first: number | null };
      return row.first ?? undefined;
    };
    const next = nextDelivery(
      record,
      { ...document, firstSince },
      { since: hook.since, commit, upTo },
      lease,
    );
    if (next === undefined) return { state: 'nothing' };
    if ('heldUntil' in next) return { state: 'held', until: next.heldUntil };
    const { told, to } = next;
    const { owner, until } = lease;
    this.keep({ document: document.key, hook: hook.key, told, target: to, owner, until });
    const { generation, head } = document;
    const written = this.written(document, told, to);
    return { state: 'claimed', delivery: { generation, from: told + 1, to, head, ...written } };
  }

  /** When the last of these changes was made, and who made them. */
  private written({ key, updatedAt }: DocumentRow, told: number, to: number) {
    const after = Math.max(told, to - AUTHORS_OF_CHANGES);
    const rows = this.newest.all([key, after, to]) as {
      readonly seq: number;
      readonly committedAt: number;
      readonly author: unknown;
    }[];
    const at = rows[0]?.seq === to ? rows[0].committedAt : updatedAt;
    return { at, authors: once(rows.map(({ author }) => textOf(author))) };
  }

  completeDeliveries({ hook, told, owner }: Input<'completeDeliveries'>): void {
    const { key } = this.begun(hook);
    this.transactions.run(() => {
      for (const { id, generation, to } of told) {
        const document = this.documents.find(id);
        if (document?.generation === generation) this.complete(document.key, key, to, owner);
      }
    });
  }

  private complete(document: number, hook: number, to: number, owner: string): void {
    const stored = selectOne(this.select, [document, hook]) as StoredRecord | undefined;
    if (stored === undefined) return;
    const { told, target, until } = stored;
    const claimed = textOf(stored.owner);
    const next = { told: Math.max(told, to), target, owner: claimed, until: claimed === owner ? 0 : until };
    this.keep({ document, hook, ...next });
  }

  private keep(row: ToldRow): void {
    const { document, hook, told, target, owner, until } = row;
    this.replace.run([document, hook, told, target, owner, until, toldSum(row)]);
  }

  /** A damaged name is given as it is, and then nothing is found under it. */
  dueDocuments({ hook, after, limit }: Input<'dueDocuments'>): DuePage {
    const { key, since } = this.begun(hook);
    const most = Math.max(0, limit);
    const rows = this.look.all([after.minute, after.key, key, most, since]) as LookedAt[];
    const last = rows.length < most ? undefined : rows.at(-1);
    const due = rows.filter((row) => row.due === 1);
    return {
      documents: due.map(({ id, updatedAt }) => ({ id: textOf(id) as DocumentId, updatedAt })),
      next: last && { minute: last.minute, key: last.key },
    };
  }

  hookChecked({ hook, minute }: Input<'hookChecked'>): void {
    this.transactions.run(() => {
      const found = this.hookOf(hook);
      if (found === undefined || found.checkedMinute >= minute) return;
      this.noteChecked.run([minute, hookSum(hook, found.since, minute), found.key]);
    });
  }

  /** Forgets what was told of a document that is gone. Part of a transaction. */
  erase(key: number): void {
    this.remove.run([key]);
  }

  private hookOf(hook: string): Hook | undefined {
    return selectOne(this.selectHook, [hook]) as Hook | undefined;
  }

  private begun(hook: string): Hook {
    const found = this.hookOf(hook);
    if (found === undefined) throw new StoreFault('internal', 'the hook was not begun');
    return found;
  }
}
