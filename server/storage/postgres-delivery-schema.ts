/**
 * `claim_deliveries`: one answer for each of `ids`, in their order. What is free is looked at again under the lock of its
 * row, by a statement of its own, which sees what was committed before it: so of those who ask at once one gets it, and
 * a change that was committed before somebody asked is in his delivery or in a later one.
 *
 * `froms` and `generations` are of a commit each that must be told; 0 and '' where there is none. `ids` have to be in
 * one order everywhere, so that no two nodes wait for each other. As `nextDelivery` in `delivery-records.ts`.
 */
const claimDeliveries = (schema: string) => `
  CREATE FUNCTION ${schema}.claim_deliveries(
    its_hook bigint, ids text[], generations text[], froms bigint[], its_owner text, its_time bigint, its_until bigint,
    deleted_mark text, authors_of bigint
  ) RETURNS TABLE (
    outcome text, of_generation text, first_seq bigint, last_seq bigint, of_head bigint, written_at bigint, writers text
  ) LANGUAGE plpgsql AS $$
  #variable_conflict use_column
  DECLARE
    begun bigint := (SELECT since FROM ${schema}.webhooks WHERE key = its_hook);
    own ${schema}.documents;
    known ${schema}.deliveries;
    told_so_far bigint;
  BEGIN
    FOR n IN 1 .. cardinality(ids) LOOP
      outcome := 'nothing';
      SELECT * INTO own FROM ${schema}.documents WHERE id = ids[n];
      IF NOT FOUND THEN RETURN NEXT; CONTINUE; END IF;
      of_generation := CASE WHEN own.deleted_at IS NULL THEN own.generation
        ELSE substr(own.generation, length(deleted_mark) + 1) END;
      SELECT * INTO known FROM ${schema}.deliveries WHERE document = own.key AND hook = its_hook;
      IF NOT FOUND THEN
        told_so_far := CASE
          WHEN own.created_at >= begun THEN 0
          WHEN own.updated_at < begun THEN own.head
          ELSE greatest(0, coalesce(
            (SELECT min(seq) FROM ${schema}.log WHERE document = own.key AND committed_at >= begun), own.head) - 1)
        END;
        IF generations[n] = of_generation THEN told_so_far := least(told_so_far, froms[n] - 1); END IF;
        IF told_so_far >= own.head THEN RETURN NEXT; CONTINUE; END IF;
        INSERT INTO ${schema}.deliveries (document, hook, told, target, owner, until)
          VALUES (own.key, its_hook, told_so_far, 0, '', 0) ON CONFLICT DO NOTHING;
      ELSIF known.until > its_time AND known.owner <> its_owner THEN
        outcome := 'held'; written_at := known.until; RETURN NEXT; CONTINUE;
      ELSIF known.told >= own.head THEN RETURN NEXT; CONTINUE;
      END IF;
      SELECT * INTO known FROM ${schema}.deliveries WHERE document = own.key AND hook = its_hook FOR UPDATE;
      IF NOT FOUND THEN RETURN NEXT; CONTINUE; END IF;
      IF known.until > its_time AND known.owner <> its_owner THEN
        outcome := 'held'; written_at := known.until; RETURN NEXT; CONTINUE;
      END IF;
      of_head := (SELECT head FROM ${schema}.documents WHERE key = own.key);
      last_seq := CASE WHEN known.target > known.told THEN known.target ELSE of_head END;
      IF last_seq IS NULL OR last_seq <= known.told THEN RETURN NEXT; CONTINUE; END IF;
      UPDATE ${schema}.deliveries SET target = last_seq, owner = its_owner, until = its_until
        WHERE document = own.key AND hook = its_hook;
      outcome := 'claimed';
      first_seq := known.told + 1;
      written_at := coalesce(
        (SELECT committed_at FROM ${schema}.log WHERE document = own.key AND seq = last_seq), own.updated_at);
      writers := (SELECT json_agg(author ORDER BY newest DESC)::text FROM (
        SELECT author, max(seq) AS newest FROM ${schema}.log
          WHERE document = own.key AND seq > greatest(known.told, last_seq - authors_of) AND seq <= last_seq
          GROUP BY author) AS each);
      RETURN NEXT;
    END LOOP;
  END $$;
`;

/**
 * Version 3: what hooks were told. `since` and `checked_minute` as in `HookRecord`. In `deliveries`, changes up to `told` were
 * told; those up to `target`, if it is more, are claimed, by `owner` until `until`.
 *
 * Documents of one minute are found in the order of their keys, so that looking at many of them in steps begins each
 * step where the last one ended.
 */
export function deliveryTables(schema: string): string {
  return `
  DROP INDEX ${schema}.documents_by_minute;
  CREATE INDEX documents_by_minute ON ${schema}.documents (updated_minute, key);

  CREATE TABLE ${schema}.webhooks (
    key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    since bigint NOT NULL,
    checked_minute bigint NOT NULL
  );

  CREATE TABLE ${schema}.deliveries (
    document bigint NOT NULL,
    hook bigint NOT NULL,
    told bigint NOT NULL,
    target bigint NOT NULL,
    owner text COLLATE "C" NOT NULL,
    until bigint NOT NULL,
    PRIMARY KEY (document, hook)
  ) WITH (fillfactor = 70);

  ${claimDeliveries(schema)}
  `;
}
