import { CoscribeError, type ErrorCode } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { linkSum, oldestFirst } from './access-records.js';
import type { AccessChange, AccessStore, AccessSubject, StoredLink } from './access-store.js';
import { checksum } from './checksum.js';
import type { Row } from './postgres-connections.js';
import { damaged } from './postgres-documents.js';
import type { Query } from './postgres-log.js';
import { SCHEMA } from './postgres-schema.js';
import { READ_SEALS, statement } from './postgres-statements.js';
import { bytesOfBase64, fromTextValue, textList, textValue } from './postgres-values.js';

const ADD_LINK = statement('add_link', `SELECT ${SCHEMA}.add_link($1, $2, $3, $4, $5, $6, $7, $8, $9)`);

const LINKS = `SELECT l.id, encode(l.hash, 'base64'), d.id, l.role, l.label, l.created_at, l.expires_at, l.checksum,
    coalesce(d.sealed_as, d.id)
  FROM ${SCHEMA}.documents d JOIN ${SCHEMA}.links l ON l.document = d.key`;

const FIND_LINK = statement(
  'find_link',
  `${LINKS} WHERE l.hash = $1 AND (d.deleted_at IS NULL OR $2::boolean)`,
);
const READ_LINK = statement('read_link', `${LINKS} WHERE d.id = $1 AND d.deleted_at IS NULL AND l.id = $2`);
const LIST_LINKS = statement('list_links', `${LINKS} WHERE d.id = $1 AND d.deleted_at IS NULL`);

/**
 * A change takes the next revision under the lock of the one row of `access_head`, and holds it until it is committed: so
 * a revision becomes visible after all below it, whoever made them. `news` gives what has changed, if anything.
 */
const RECORD = (news: string) => `head AS (
    UPDATE ${SCHEMA}.access_head SET revision = revision + 1 WHERE EXISTS (SELECT FROM ${news}) RETURNING revision
  )
  INSERT INTO ${SCHEMA}.access_changes AS known (kind, id, revision, voided_at, checksum)
    SELECT kind, id, revision, voided_at, checksum FROM ${news}, head
    ON CONFLICT (kind, id) DO UPDATE SET revision = EXCLUDED.revision,
      voided_at = greatest(known.voided_at, EXCLUDED.voided_at),
      checksum = CASE WHEN known.voided_at > EXCLUDED.voided_at THEN known.checksum ELSE EXCLUDED.checksum END`;

const CHANGE_ACCESS = statement(
  'change_access',
  `WITH news AS (SELECT $1::text AS kind, $2::text AS id, $3::bigint AS voided_at, $4::bigint AS checksum), ${RECORD('news')}`,
);

const REMOVE_LINK = statement(
  'remove_link',
  `WITH gone AS (
    DELETE FROM ${SCHEMA}.links l USING ${SCHEMA}.documents d
      WHERE d.id = $1 AND d.deleted_at IS NULL AND l.document = d.key AND l.id = $2
      RETURNING 'document' AS kind, d.id, NULL::bigint AS voided_at, $3::bigint AS checksum
  ), ${RECORD('gone')}`,
);

const ACCESS_REVISION = statement('access_revision', `SELECT revision FROM ${SCHEMA}.access_head`);

const ACCESS_CHANGES = statement(
  'access_changes',
  `SELECT revision, kind, id FROM ${SCHEMA}.access_changes WHERE revision > $1 ORDER BY revision LIMIT $2`,
);

const VOIDING = `SELECT kind, id, voided_at, checksum FROM ${SCHEMA}.access_changes`;
const VOIDED_AT = statement(
  'voided_at',
  `${VOIDING} WHERE kind = 'user' AND id = $1 UNION ALL ${VOIDING} WHERE kind = 'token' AND id = $2`,
);

/** Why `add_link` did not. */
const REFUSALS: Readonly<Record<string, readonly [ErrorCode, string?]>> = {
  'no-access': ['no-access'],
  'too-many-links': ['too-many-links'],
  duplicate: ['internal', 'there is such a link already'],
};

/** Links and changes of access in PostgreSQL: each call is one statement. */
export class PostgresAccess implements AccessStore {
  constructor(private readonly query: Query) {}

  async addLink(link: StoredLink, most: number): Promise<void> {
    const sealedAs = (await this.query(READ_SEALS, [textList([link.document])])).rows[0]?.[1];
    const sealed = linkValues(link, String(sealedAs ?? link.document));
    const { rows } = await this.query(ADD_LINK, [link.document, ...sealed, most]);
    const refusal = REFUSALS[String(rows[0]?.[0])];
    if (refusal !== undefined) throw new CoscribeError(...refusal);
  }

  async findLink(hash: Uint8Array, evenDeleted = false): Promise<StoredLink | undefined> {
    return (await this.query(FIND_LINK, [Buffer.from(hash), evenDeleted])).rows.map(readLink)[0];
  }

  async readLink(document: DocumentId, id: string): Promise<StoredLink | undefined> {
    return (await this.query(READ_LINK, [document, textValue(id)])).rows.map(readLink)[0];
  }

  async listLinks(document: DocumentId): Promise<readonly StoredLink[]> {
    return (await this.query(LIST_LINKS, [document])).rows.map(readLink).sort(oldestFirst);
  }

  async removeLink(document: DocumentId, id: string): Promise<boolean> {
    const sum = voidingSum('document', document, undefined);
    return (await this.query(REMOVE_LINK, [document, textValue(id), sum])).count > 0;
  }

  async changeAccess({ kind, id }: AccessSubject, at: number): Promise<void> {
    const voidedAt = kind === 'document' ? undefined : at;
    await this.query(CHANGE_ACCESS, [kind, textValue(id), voidedAt, voidingSum(kind, id, voidedAt)]);
  }

  async accessRevision(): Promise<number> {
    return Number((await this.query(ACCESS_REVISION, [])).rows[0]?.[0]);
  }

  async accessChangesAfter(revision: number, limit: number): Promise<readonly AccessChange[]> {
    const { rows } = await this.query(ACCESS_CHANGES, [revision, Math.max(0, limit)]);
    return rows.map((row) => ({
      revision: Number(row[0]),
      subject: { kind: String(row[1]) as AccessSubject['kind'], id: fromTextValue(String(row[2])) },
    }));
  }

  async voidedAt(user: string | undefined, tokenId: string | undefined): Promise<number | undefined> {
    const ids = [user, tokenId].map((id) => (id === undefined ? undefined : textValue(id)));
    const { rows } = await this.query(VOIDED_AT, ids);
    return rows.length === 0 ? undefined : Math.max(...rows.map(readVoiding));
  }
}

/** A link without its document, as parameters. Its hash is copied. */
export function linkValues(link: StoredLink, sealedAs: string): readonly unknown[] {
  const { hash, id, role, label, createdAt, expiresAt } = link;
  return [
    Buffer.from(hash),
    textValue(id),
    role,
    textValue(label),
    createdAt,
    expiresAt,
    linkSum(link, sealedAs),
  ];
}

function readLink([id, hash, document, role, label, createdAt, expiresAt, sum, sealedAs]: Row): StoredLink {
  const link: StoredLink = {
    id: fromTextValue(String(id)),
    hash: bytesOfBase64(String(hash)),
    document: String(document) as DocumentId,
    role: String(role) as StoredLink['role'],
    label: fromTextValue(String(label)),
    createdAt: Number(createdAt),
    ...(expiresAt !== null && { expiresAt: Number(expiresAt) }),
  };
  if (linkSum(link, String(sealedAs)) === Number(sum)) return link;
  throw damaged('the record of a link');
}

/** Without the revision, which is known only to the database. */
export function voidingSum(kind: string, id: string, voidedAt: number | undefined): number {
  return checksum([kind, id, voidedAt ?? '']);
}

function readVoiding([kind, id, voidedAt, sum]: Row): number {
  const time = Number(voidedAt);
  if (voidingSum(String(kind), fromTextValue(String(id)), time) === Number(sum)) return time;
  throw damaged('the record of a change of access');
}
