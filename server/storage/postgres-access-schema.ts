/**
 * `add_link`: what became of it: 'added', 'no-access', 'too-many-links' or 'duplicate'. Under the document's lock, so that
 * several nodes count right.
 */
const addLink = (schema: string) => `
  CREATE FUNCTION ${schema}.add_link(
    its_document text, its_hash bytea, its_id text, its_role text, its_label text, its_time bigint, its_end bigint,
    its_sum bigint, most bigint
  ) RETURNS text LANGUAGE plpgsql AS $$
  DECLARE
    own_key bigint;
  BEGIN
    SELECT key INTO own_key FROM ${schema}.documents WHERE id = its_document AND deleted_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN 'no-access'; END IF;
    IF (SELECT count(*) FROM ${schema}.links WHERE document = own_key) >= most THEN RETURN 'too-many-links'; END IF;
    INSERT INTO ${schema}.links (hash, document, id, role, label, created_at, expires_at, checksum)
      VALUES (its_hash, own_key, its_id, its_role, its_label, its_time, its_end, its_sum) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN 'duplicate'; END IF;
    RETURN 'added';
  END $$;
`;

/**
 * Version 2: documents can be deleted, and links and changes of access are kept.
 *
 * `erasing` names the keys of documents that are being erased: their rows in `documents` are gone, what is under the key
 * goes step by step.
 *
 * `access_head` has one row. Of each subject's changes of access only the last is kept; `voided_at` is NULL where nothing
 * is voided.
 */
export function accessTables(schema: string): string {
  return `
  ALTER TABLE ${schema}.documents ADD COLUMN deleted_at bigint;
  CREATE INDEX deleted_documents ON ${schema}.documents (deleted_at) WHERE deleted_at IS NOT NULL;

  CREATE TABLE ${schema}.erasing (document bigint PRIMARY KEY, id text COLLATE "C" NOT NULL);

  CREATE TABLE ${schema}.links (
    hash bytea PRIMARY KEY,
    document bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    label text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    checksum bigint NOT NULL,
    UNIQUE (document, id)
  );

  CREATE TABLE ${schema}.access_head (revision bigint NOT NULL);
  INSERT INTO ${schema}.access_head VALUES (0);
  CREATE TABLE ${schema}.access_changes (
    kind text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    revision bigint NOT NULL UNIQUE,
    voided_at bigint,
    checksum bigint NOT NULL,
    PRIMARY KEY (kind, id)
  );

  ${addLink(schema)}
  `;
}
