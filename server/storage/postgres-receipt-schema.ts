/** Keys of receipts are locked under this number and a hash of their own, so that no other lock is one of these. */
const RECEIPT_LOCKS = 0x436f7363;

/**
 * `append` as in version 1, and with it: `seals`, the names that the checksums are made with where they are not `ids`; and
 * for the batches that have a guard the head, and the receipt. Each of these lists is empty if no batch has any. The answer for a
 * batch may also be -2 if the head is another, -3 if the receipt is there, -4 if the document is sealed with another name.
 *
 * After the documents the receipts are locked, in one order, too: whoever adds the same ones under other documents must
 * not be waited for by whom he waits for.
 */
const append = (schema: string) => `
  CREATE FUNCTION ${schema}.append(
    ids text[], generations text[], times bigint[], counts integer[],
    clients bigint[], authors text[], sums bigint[], offsets integer[], lengths integer[], bytes bytea,
    claim_batches integer[], claim_clients bigint[], claim_authors text[], claim_sums bigint[],
    seals text[], heads bigint[], receipt_keys text[], receipt_digests text[], receipt_sums bigint[]
  ) RETURNS bigint[] LANGUAGE plpgsql AS $$
  #variable_conflict use_column
  DECLARE
    results bigint[] := ARRAY[]::bigint[];
    own_key bigint;
    own_head bigint;
    own_seal text;
    first integer;
    last integer := 0;
  BEGIN
    IF cardinality(ids) > 1 OR cardinality(receipt_keys) > 0 THEN
      PERFORM 1 FROM ${schema}.documents WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
    END IF;
    IF cardinality(receipt_keys) > 0 THEN
      PERFORM pg_advisory_xact_lock(${RECEIPT_LOCKS}, place) FROM (
        SELECT DISTINCT hashtext(receipt) AS place FROM unnest(receipt_keys) AS receipt WHERE receipt IS NOT NULL
          ORDER BY place) AS places;
    END IF;
    FOR batch IN 1 .. cardinality(ids) LOOP
      first := last + 1;
      last := last + counts[batch];
      SELECT key, head, coalesce(sealed_as, id) INTO own_key, own_head, own_seal FROM ${schema}.documents
        WHERE id = ids[batch] AND generation = generations[batch] FOR NO KEY UPDATE;
      IF NOT FOUND THEN
        results := results || 0::bigint;
        CONTINUE;
      END IF;
      IF own_seal <> coalesce(seals[batch], ids[batch]) THEN
        results := results || (-4)::bigint;
        CONTINUE;
      END IF;
      IF receipt_keys[batch] IS NOT NULL
        AND EXISTS (SELECT FROM ${schema}.receipts WHERE key = receipt_keys[batch]) THEN
        results := results || (-3)::bigint;
        CONTINUE;
      END IF;
      IF heads[batch] <> own_head THEN
        results := results || (-2)::bigint;
        CONTINUE;
      END IF;
      IF batch = ANY (claim_batches) AND EXISTS (
        SELECT FROM unnest(claim_batches, claim_clients, claim_authors) AS claim (of_batch, client_id, author)
          JOIN ${schema}.authors AS known ON known.document = own_key AND known.client_id = claim.client_id
          WHERE claim.of_batch = batch AND known.author <> claim.author
      ) THEN
        results := results || (-1)::bigint;
        CONTINUE;
      END IF;
      IF receipt_keys[batch] IS NOT NULL THEN
        INSERT INTO ${schema}.receipts (key, digest, document, seq, generation, created_at, checksum)
          VALUES (receipt_keys[batch], receipt_digests[batch], own_key, own_head + counts[batch], generations[batch],
            times[batch], receipt_sums[batch] # (own_head + counts[batch]))
          ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
          results := results || (-3)::bigint;
          CONTINUE;
        END IF;
      END IF;
      IF batch = ANY (claim_batches) THEN
        INSERT INTO ${schema}.authors (document, client_id, checksum, author)
          SELECT own_key, claim.client_id, claim.checksum, claim.author
            FROM unnest(claim_batches, claim_clients, claim_authors, claim_sums)
              AS claim (of_batch, client_id, author, checksum)
            WHERE claim.of_batch = batch
          ON CONFLICT DO NOTHING;
      END IF;
      IF counts[batch] > 0 THEN
        INSERT INTO ${schema}.log (document, seq, client_id, committed_at, checksum, author, update)
          SELECT own_key, own_head + position, client_id, times[batch], sum # (own_head + position), author,
              substring(bytes FROM place + 1 FOR length)
            FROM unnest(clients[first:last], authors[first:last], sums[first:last], offsets[first:last],
              lengths[first:last]) WITH ORDINALITY AS row (client_id, author, sum, place, length, position);
        UPDATE ${schema}.documents
          SET head = own_head + counts[batch], updated_at = times[batch], updated_minute = times[batch] / 60000
          WHERE key = own_key;
      END IF;
      results := results || (own_head + 1);
    END LOOP;
    RETURN results;
  END $$;
`;

/**
 * `rename_document`: what became of it: 'done', 'taken', or 'absent' if there is no such document of that generation. Its own
 * checksum comes from outside.
 */
const renameDocument = (schema: string) => `
  CREATE FUNCTION ${schema}.rename_document(
    old_id text, its_generation text, new_id text, its_sum bigint, its_time bigint
  ) RETURNS text LANGUAGE plpgsql AS $$
  DECLARE
    own_key bigint;
  BEGIN
    SELECT key INTO own_key FROM ${schema}.documents
      WHERE id = old_id AND generation = its_generation AND deleted_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN RETURN 'absent'; END IF;
    IF EXISTS (SELECT FROM ${schema}.documents WHERE id = new_id) THEN RETURN 'taken'; END IF;
    UPDATE ${schema}.documents SET id = new_id, sealed_as = coalesce(sealed_as, old_id), checksum = its_sum
      WHERE key = own_key;
    DELETE FROM ${schema}.earlier_names WHERE id = new_id;
    INSERT INTO ${schema}.earlier_names (id, document, moved_at) VALUES (old_id, own_key, its_time)
      ON CONFLICT (id) DO UPDATE SET document = EXCLUDED.document, moved_at = EXCLUDED.moved_at;
    RETURN 'done';
  EXCEPTION WHEN unique_violation THEN
    RETURN 'taken';
  END $$;
`;

/**
 * Version 4: documents can get other names, an append can depend on something, and receipts are kept.
 *
 * The checksums of everything that belongs to a document are made with its name. Where that is another one by now,
 * `sealed_as` has the first one, so that a new name changes nothing but one row. Nodes of earlier versions take such a document
 * for damaged, and leave it as it is.
 *
 * `earlier_names` has the names that documents had. It counts only as long as no document has the name.
 *
 * A receipt with a document's key goes with the document. Its checksum comes without the `seq`, as that of a log row.
 */
export function nameAndReceiptTables(schema: string): string {
  return `
  ALTER TABLE ${schema}.documents ADD COLUMN sealed_as text COLLATE "C";
  CREATE INDEX documents_by_creation ON ${schema}.documents (created_at DESC, id);

  CREATE TABLE ${schema}.earlier_names (
    id text COLLATE "C" PRIMARY KEY,
    document bigint NOT NULL,
    moved_at bigint NOT NULL
  );
  CREATE INDEX names_of_document ON ${schema}.earlier_names (document);

  CREATE TABLE ${schema}.receipts (
    key text COLLATE "C" PRIMARY KEY,
    digest text COLLATE "C" NOT NULL,
    document bigint,
    seq bigint,
    generation text COLLATE "C",
    answer text COLLATE "C",
    created_at bigint NOT NULL,
    checksum bigint NOT NULL
  );
  CREATE INDEX receipts_by_time ON ${schema}.receipts (created_at);
  CREATE INDEX receipts_of_document ON ${schema}.receipts (document) WHERE document IS NOT NULL;

  ${append(schema)}
  ${renameDocument(schema)}
  `;
}
