import type Database from 'libsql';
import type { DocumentId } from '../../shared/ids.js';
import { linkSum, oldestFirst } from './access-records.js';
import type { AccessChange, StoredLink } from './access-store.js';
import { bytesOf, checksum, textOf } from './checksum.js';
import type { DocumentRow, DocumentRows } from './sqlite-documents.js';
import { StoreFault } from './sqlite-errors.js';
import type { AccessOperations, Input } from './sqlite-messages.js';
import { selectOne } from './sqlite-statement.js';
import type { Transactions } from './sqlite-transactions.js';

/** A row of `links`, and the names of its document. */
interface StoredRow {
  readonly hash: unknown;
  readonly document: unknown;
  readonly sealedAs: unknown;
  readonly id: unknown;
  readonly role: unknown;
  readonly label: unknown;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly checksum: number;
}

interface StoredChange {
  readonly kind: unknown;
  readonly id: unknown;
  readonly revision: number;
  readonly voidedAt: number | null;
  readonly checksum: number;
}

/** The tables `links` and `access_changes`. Runs in the storage thread. */
export class SqliteAccess implements AccessOperations {
  private readonly insertLink;
  private readonly selectByHash;
  private readonly selectById;
  private readonly selectAll;
  private readonly count;
  private readonly deleteLink;
  private readonly deleteAll;
  private readonly selectRevision;
  private readonly replaceChange;
  private readonly selectChange;
  private readonly selectChanges;

  constructor(
    database: Database.Database,
    private readonly documents: DocumentRows,
    private readonly transactions: Transactions,
  ) {
    this.insertLink = database.prepare(
      `INSERT INTO links (hash, document, id, role, label, created_at, expires_at, checksum)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    const select = `SELECT l.hash, CAST(d.id AS BLOB) AS document,
        CAST(coalesce(d.sealed_as, d.id) AS BLOB) AS sealedAs, CAST(l.id AS BLOB) AS id, CAST(l.role AS BLOB) AS role,
        CAST(l.label AS BLOB) AS label, l.created_at AS createdAt, l.expires_at AS expiresAt, l.checksum
      FROM links l JOIN documents d ON d.key = l.document`;
    this.selectByHash = database.prepare(`${select} WHERE l.hash = ? AND (d.deleted_at IS NULL OR ?)`);
    this.selectById = database.prepare(`${select} WHERE l.document = ? AND l.id = ?`);
    this.selectAll = database.prepare(`${select} WHERE l.document = ?`);
    this.count = database.prepare('SELECT count(*) AS count FROM links WHERE document = ?');
    this.deleteLink = database.prepare('DELETE FROM links WHERE document = ? AND id = ?');
    this.deleteAll = database.prepare('DELETE FROM links WHERE document = ?');
    this.selectRevision = database.prepare(
      'SELECT coalesce(max(revision), 0) AS revision FROM access_changes',
    );
    this.replaceChange = database.prepare(
      'INSERT OR REPLACE INTO access_changes (kind, id, revision, voided_at, checksum) VALUES (?, ?, ?, ?, ?)',
    );
    const change = `SELECT CAST(kind AS BLOB) AS kind, CAST(id AS BLOB) AS id, revision, voided_at AS voidedAt, checksum
      FROM access_changes`;
    this.selectChange = database.prepare(`${change} WHERE kind = ? AND id = ?`);
    this.selectChanges = database.prepare(`${change} WHERE revision > ? ORDER BY revision LIMIT ?`);
  }

  addLink({ link, most }: Input<'addLink'>): void {
    this.transactions.run(() => {
      const document = this.documents.present(link.document);
      if (document === undefined) throw new StoreFault('no-access');
      const { count } = selectOne(this.count, [document.key]) as { readonly count: number };
      if (count >= most) throw new StoreFault('too-many-links');
      this.keepLink(document, link);
    });
  }

  /** The first link of a document that is just being made, or one that may be added. Part of a transaction. */
  keepLink({ key, sealedAs }: DocumentRow, link: StoredLink): void {
    const { hash, id, role, label, createdAt, expiresAt } = link;
    const values = [hash, key, id, role, label, createdAt, expiresAt ?? null, linkSum(link, sealedAs)];
    if (this.insertLink.run(values).changes !== 1)
      throw new StoreFault('internal', 'there is such a link already');
  }

  findLink({ hash, evenDeleted }: Input<'findLink'>): StoredLink | undefined {
    const row = selectOne(this.selectByHash, [hash, evenDeleted === true ? 1 : 0]) as StoredRow | undefined;
    return row && readLink(row);
  }

  readLink({ document, id }: Input<'readLink'>): StoredLink | undefined {
    const own = this.documents.present(document);
    const row = own && (selectOne(this.selectById, [own.key, id]) as StoredRow | undefined);
    return row && readLink(row);
  }

  listLinks({ document }: Input<'listLinks'>): readonly StoredLink[] {
    const own = this.documents.present(document);
    const rows = own === undefined ? [] : (this.selectAll.all([own.key]) as StoredRow[]);
    return rows.map(readLink).sort(oldestFirst);
  }

  removeLink({ document, id, at }: Input<'removeLink'>): boolean {
    return this.transactions.run(() => {
      const own = this.documents.present(document);
      if (own === undefined || this.deleteLink.run([own.key, id]).changes !== 1) return false;
      this.change({ subject: { kind: 'document', id: document }, at });
      return true;
    });
  }

  /** Removes the links of a document that is gone. Part of a transaction. */
  erase(key: number): void {
    this.deleteAll.run([key]);
  }

  changeAccess(input: Input<'changeAccess'>): void {
    this.transactions.run(() => this.change(input));
  }

  private change({ subject: { kind, id }, at }: Input<'changeAccess'>): void {
    const revision = this.accessRevision() + 1;
    const voidedAt = kind === 'document' ? null : Math.max(at, this.voided(kind, id) ?? at);
    this.replaceChange.run([kind, id, revision, voidedAt, checksum([kind, id, revision, voidedAt ?? ''])]);
  }

  accessRevision(): number {
    return (selectOne(this.selectRevision) as { readonly revision: number }).revision;
  }

  /** A damaged one is given as it is: it must not hide those after it. */
  accessChangesAfter({ revision, limit }: Input<'accessChangesAfter'>): readonly AccessChange[] {
    const rows = this.selectChanges.all([revision, Math.max(0, limit)]) as StoredChange[];
    return rows.map((row) => ({
      revision: row.revision,
      subject: { kind: textOf(row.kind) as AccessChange['subject']['kind'], id: textOf(row.id) },
    }));
  }

  voidedAt({ user, tokenId }: Input<'voidedAt'>): number | undefined {
    const times = [
      user === undefined ? undefined : this.voided('user', user),
      tokenId === undefined ? undefined : this.voided('token', tokenId),
    ].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  /** @throws StoreFault `document-unreadable` if what is kept is damaged, so that nobody gets in by that */
  private voided(kind: string, id: string): number | undefined {
    const row = selectOne(this.selectChange, [kind, id]) as StoredChange | undefined;
    if (row === undefined) return undefined;
    if (checksum([kind, id, row.revision, row.voidedAt ?? '']) !== row.checksum)
      throw new StoreFault('document-unreadable', 'the record of a change of access is damaged');
    return row.voidedAt ?? undefined;
  }
}

function readLink(row: StoredRow): StoredLink {
  const { createdAt, expiresAt } = row;
  const link: StoredLink = {
    id: textOf(row.id),
    hash: bytesOf(row.hash),
    document: textOf(row.document) as DocumentId,
    role: textOf(row.role) as StoredLink['role'],
    label: textOf(row.label),
    createdAt,
    ...(expiresAt !== null && { expiresAt }),
  };
  if (linkSum(link, textOf(row.sealedAs)) === row.checksum) return link;
  throw new StoreFault('document-unreadable', 'the record of a link is damaged');
}
