import { accessTables } from './postgres-access-schema.js';
import { deliveryTables } from './postgres-delivery-schema.js';
import { lifeTables } from './postgres-life-schema.js';
import { nameAndReceiptTables } from './postgres-receipt-schema.js';
import { tallies } from './postgres-tallies.js';

/** The one schema that holds all that is ours; nothing is created outside of it. */
export const SCHEMA = 'coscribe';

/**
 * Stands before the generation of a deleted document, so that nobody who names the generation finds it: `append` and
 * `finish_snapshot` need no other check, and nodes of version 1, which know nothing of deletion, cannot use it either.
 */
export const DELETED_MARK = 'deleted:';

/**
 * `append`, as nodes of the first three versions call it: the batches of one call, in one transaction; for each the `seq` of its first row, or 0 if there is no such
 * document of this generation, -1 if another author has one of its clientIDs.
 *
 * Several documents are locked in the order of their names first, so that no two nodes wait for each other. Each
 * statement of the function sees what was committed before it began: after the lock, everything about the
 * document. `claims` are the clientIDs of which the caller does not know yet that they are their author's.
 *
 * The checksums come without the `seq`, which is known only here.
 */
const APPEND = `
  CREATE FUNCTION ${SCHEMA}.append(
    ids text[], generations text[], times bigint[], counts integer[],
    clients bigint[], authors text[], sums bigint[], offsets integer[], lengths integer[], bytes bytea,
    claim_batches integer[], claim_clients bigint[], claim_authors text[], claim_sums bigint[]
  ) RETURNS bigint[] LANGUAGE plpgsql AS $$
  #variable_conflict use_column
  DECLARE
    results bigint[] := ARRAY[]::bigint[];
    own_key bigint;
    own_head bigint;
    first integer;
    last integer := 0;
  BEGIN
    IF cardinality(ids) > 1 THEN
      PERFORM 1 FROM ${SCHEMA}.documents WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
    END IF;
    FOR batch IN 1 .. cardinality(ids) LOOP
      first := last + 1;
      last := last + counts[batch];
      SELECT key, head INTO own_key, own_head FROM ${SCHEMA}.documents
        WHERE id = ids[batch] AND generation = generations[batch] FOR NO KEY UPDATE;
      IF NOT FOUND THEN
        results := results || 0::bigint;
        CONTINUE;
      END IF;
      IF batch = ANY (claim_batches) THEN
        IF EXISTS (
          SELECT FROM unnest(claim_batches, claim_clients, claim_authors) AS claim (of_batch, client_id, author)
            JOIN ${SCHEMA}.authors AS known ON known.document = own_key AND known.client_id = claim.client_id
            WHERE claim.of_batch = batch AND known.author <> claim.author
        ) THEN
          results := results || (-1)::bigint;
          CONTINUE;
        END IF;
        INSERT INTO ${SCHEMA}.authors (document, client_id, checksum, author)
          SELECT own_key, claim.client_id, claim.checksum, claim.author
            FROM unnest(claim_batches, claim_clients, claim_authors, claim_sums)
              AS claim (of_batch, client_id, author, checksum)
            WHERE claim.of_batch = batch
          ON CONFLICT DO NOTHING;
      END IF;
      IF counts[batch] > 0 THEN
        INSERT INTO ${SCHEMA}.log (document, seq, client_id, committed_at, checksum, author, update)
          SELECT own_key, own_head + position, client_id, times[batch], sum # (own_head + position), author,
              substring(bytes FROM place + 1 FOR length)
            FROM unnest(clients[first:last], authors[first:last], sums[first:last], offsets[first:last],
              lengths[first:last]) WITH ORDINALITY AS row (client_id, author, sum, place, length, position);
        UPDATE ${SCHEMA}.documents
          SET head = own_head + counts[batch], updated_at = times[batch], updated_minute = times[batch] / 60000
          WHERE key = own_key;
      END IF;
      results := results || (own_head + 1);
    END LOOP;
    RETURN results;
  END $$;
`;

/**
 * `finish_snapshot`: makes a snapshot whose pieces are all there the document's, and trims the log, in one transaction.
 * Answers what became of it: 'done', 'older' than the one that is there, 'generation' changed, 'ahead' of the log, or
 * 'lost' because it was removed as left over.
 */
const FINISH_SNAPSHOT = `
  CREATE FUNCTION ${SCHEMA}.finish_snapshot(
    begun bigint, its_document text, its_generation text, its_seq bigint, its_bytes bigint, trim_to bigint
  ) RETURNS text LANGUAGE plpgsql AS $$
  DECLARE
    own ${SCHEMA}.documents;
  BEGIN
    SELECT * INTO own FROM ${SCHEMA}.documents WHERE id = its_document FOR NO KEY UPDATE;
    IF own.generation IS DISTINCT FROM its_generation THEN RETURN 'generation'; END IF;
    IF its_seq > own.head THEN RETURN 'ahead'; END IF;
    IF its_seq < own.snapshot_seq THEN RETURN 'older'; END IF;
    UPDATE ${SCHEMA}.snapshots SET finished = true WHERE key = begun AND NOT finished;
    IF NOT FOUND THEN RETURN 'lost'; END IF;
    UPDATE ${SCHEMA}.documents
      SET snapshot = begun, snapshot_seq = its_seq, snapshot_bytes = its_bytes,
        first_row = greatest(first_row, trim_to + 1)
      WHERE key = own.key;
    RETURN 'done';
  END $$;
`;

/**
 * Each brings the tables one version further; the version is how many were applied. One that was published must never
 * change. While a rolling upgrade lasts, nodes that know only the versions before it go on using the tables: a new
 * one must leave them what they need.
 */
export const MIGRATIONS: readonly string[] = [
  versionOne(),
  accessTables(SCHEMA),
  deliveryTables(SCHEMA),
  nameAndReceiptTables(SCHEMA),
  tallies(SCHEMA),
  lifeTables(SCHEMA, DELETED_MARK),
];

/**
 * `documents.key` stands for the name in the other tables, so that a log row does not repeat 100 bytes of it. Rows
 * below `first_row` are trimmed, whether they are still there or not. Times are milliseconds since the Unix epoch.
 *
 * Documents are found by the time of their last edit through the minute of it: PostgreSQL changes a row in place and
 * without touching an index ("heap-only") only if no indexed column changes, and if its page has room, which is
 * what the fill factor leaves.
 *
 * A snapshot is a row of `snapshots` and its state in pieces, so that nobody has to hold 10 MB in one message. It is the
 * document's when `documents.snapshot` names it; until then it is not `finished`. What is finished and not named was
 * replaced.
 *
 * Bytes are stored as they are (`EXTERNAL`): compressing them would take longer than writing them.
 *
 * `authors` keeps who first wrote under a Yjs clientID, for good; the log is trimmed.
 */
function versionOne(): string {
  return `
  CREATE TABLE ${SCHEMA}.documents (
    key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    generation text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    checksum bigint NOT NULL,
    head bigint NOT NULL,
    first_row bigint NOT NULL,
    updated_at bigint NOT NULL,
    updated_minute bigint NOT NULL,
    snapshot bigint,
    snapshot_seq bigint NOT NULL,
    snapshot_bytes bigint NOT NULL
  ) WITH (fillfactor = 70);
  CREATE INDEX documents_by_minute ON ${SCHEMA}.documents (updated_minute);

  CREATE TABLE ${SCHEMA}.log (
    document bigint NOT NULL,
    seq bigint NOT NULL,
    client_id bigint NOT NULL,
    committed_at bigint NOT NULL,
    checksum bigint NOT NULL,
    author text COLLATE "C" NOT NULL,
    update bytea NOT NULL,
    PRIMARY KEY (document, seq)
  );
  ALTER TABLE ${SCHEMA}.log ALTER COLUMN update SET STORAGE EXTERNAL;

  CREATE TABLE ${SCHEMA}.authors (
    document bigint NOT NULL,
    client_id bigint NOT NULL,
    checksum bigint NOT NULL,
    author text COLLATE "C" NOT NULL,
    PRIMARY KEY (document, client_id)
  );

  CREATE TABLE ${SCHEMA}.snapshots (
    key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document bigint NOT NULL,
    seq bigint NOT NULL,
    finished boolean NOT NULL DEFAULT false,
    begun_at timestamptz NOT NULL DEFAULT now(),
    state_bytes bigint NOT NULL,
    piece_bytes bigint NOT NULL,
    checksum bigint NOT NULL,
    index bytea NOT NULL
  );
  ALTER TABLE ${SCHEMA}.snapshots ALTER COLUMN index SET STORAGE EXTERNAL;
  CREATE INDEX snapshots_of_document ON ${SCHEMA}.snapshots (document);
  CREATE INDEX snapshots_unfinished ON ${SCHEMA}.snapshots (begun_at) WHERE NOT finished;

  CREATE TABLE ${SCHEMA}.snapshot_pieces (
    snapshot bigint NOT NULL REFERENCES ${SCHEMA}.snapshots ON DELETE CASCADE,
    number integer NOT NULL,
    checksum bigint NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (snapshot, number)
  );
  ALTER TABLE ${SCHEMA}.snapshot_pieces ALTER COLUMN content SET STORAGE EXTERNAL;

  ${APPEND}
  ${FINISH_SNAPSHOT}
  `;
}
