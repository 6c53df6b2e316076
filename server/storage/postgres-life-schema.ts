import { tallyTable } from './postgres-tallies.js';

/** A connection that has set this to `on` writes documents without anybody being told: it puts back what was elsewhere. */
export const UNTOLD = 'coscribe.untold';

/**
 * `note_life` keeps what becomes of a document, for the hooks that want it. As a trigger it does so for nodes of earlier
 * versions, too. The row of the document is locked by then, so that its events have their keys in the order in which they
 * happened.
 */
const noteLife = (schema: string, deletedMark: string) => `
  CREATE FUNCTION ${schema}.note_life() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    what text;
    was text;
    own ${schema}.documents;
    its_time bigint := extract(epoch FROM clock_timestamp()) * 1000;
  BEGIN
    IF current_setting('${UNTOLD}', true) = 'on' THEN RETURN NULL; END IF;
    IF TG_OP = 'INSERT' THEN own := NEW; what := 'created'; its_time := NEW.created_at;
    ELSIF TG_OP = 'DELETE' THEN own := OLD; what := 'purged';
    ELSIF NEW.id <> OLD.id THEN own := NEW; what := 'moved'; was := OLD.id;
    ELSIF NEW.deleted_at IS NULL THEN own := NEW; what := 'restored';
    ELSE own := NEW; what := 'deleted'; its_time := NEW.deleted_at;
    END IF;
    INSERT INTO ${schema}.life_events (hook, kind, id, former, generation, head, at)
      SELECT hook, what, own.id, was,
          CASE WHEN starts_with(own.generation, '${deletedMark}') THEN substr(own.generation, ${deletedMark.length + 1})
            ELSE own.generation END,
          own.head, its_time
        FROM ${schema}.life_hooks WHERE what = ANY (kinds);
    RETURN NULL;
  END $$;
  CREATE TRIGGER note_creation AFTER INSERT OR DELETE ON ${schema}.documents
    FOR EACH ROW EXECUTE FUNCTION ${schema}.note_life();
  CREATE TRIGGER note_change AFTER UPDATE OF id, deleted_at ON ${schema}.documents FOR EACH ROW
    WHEN (OLD.id <> NEW.id OR (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL))
    EXECUTE FUNCTION ${schema}.note_life();
`;

/** `claim_event`: one answer, as `claimEvents` of a `LifeStore` gives it; the line is that of `firstOfLine`. */
const claimEvent = (schema: string, deletedMark: string) => `
  CREATE FUNCTION ${schema}.claim_event(
    its_hook text, its_id text, its_owner text, its_time bigint, its_until bigint
  ) RETURNS TABLE (
    outcome text, event_key bigint, what text, name text, was text, of_generation text, of_head bigint, happened_at bigint,
    name_now text
  ) LANGUAGE plpgsql AS $$
  #variable_conflict use_column
  DECLARE
    line ${schema}.life_events;
    found_one ${schema}.life_events;
  BEGIN
    outcome := 'nothing';
    line.id := its_id;
    line.generation := coalesce(
      (SELECT CASE WHEN deleted_at IS NULL THEN generation ELSE substr(generation, ${deletedMark.length + 1}) END
        FROM ${schema}.documents WHERE id = its_id), '');
    line.key := 9223372036854775807;
    FOR step IN 1 .. 100 LOOP
      SELECT * INTO found_one FROM ${schema}.life_events e WHERE e.hook = its_hook AND e.key < line.key
        AND (e.id IN (line.id, line.former) OR e.former IN (line.id, line.former) OR e.generation = line.generation)
        ORDER BY e.key + 0 LIMIT 1;
      EXIT WHEN NOT FOUND;
      line := found_one;
    END LOOP;
    IF line.hook IS NULL THEN RETURN NEXT; RETURN; END IF;
    UPDATE ${schema}.life_events SET owner = its_owner, until = its_until
      WHERE key = line.key AND (until <= its_time OR owner = its_owner);
    IF NOT FOUND THEN
      outcome := 'held';
      happened_at := coalesce((SELECT until FROM ${schema}.life_events WHERE key = line.key), its_time);
      RETURN NEXT;
      RETURN;
    END IF;
    outcome := 'claimed';
    event_key := line.key; what := line.kind; name := line.id; was := line.former;
    of_generation := line.generation; of_head := line.head; happened_at := line.at;
    name_now := coalesce(
      (SELECT d.id FROM ${schema}.documents d
        WHERE d.id = line.id AND d.generation IN (line.generation, '${deletedMark}' || line.generation)),
      (SELECT d.id FROM ${schema}.earlier_names m JOIN ${schema}.documents d ON d.key = m.document
        WHERE m.id = line.id AND d.generation = line.generation));
    RETURN NEXT;
  END $$;
`;

/**
 * Version 6: `life_hooks` has the hooks for which it is kept what becomes of documents, with the kinds of that, and when a node
 * had them last. `life_events` has what waits to be told; claimed by `owner` until `until`.
 */
export function lifeTables(schema: string, deletedMark: string): string {
  return `
  CREATE TABLE ${schema}.life_hooks (
    hook text COLLATE "C" PRIMARY KEY,
    kinds text[] NOT NULL,
    seen_at bigint NOT NULL
  );

  CREATE TABLE ${schema}.life_events (
    key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hook text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    former text COLLATE "C",
    generation text COLLATE "C" NOT NULL,
    head bigint NOT NULL,
    at bigint NOT NULL,
    owner text COLLATE "C" NOT NULL DEFAULT '',
    until bigint NOT NULL DEFAULT 0
  );
  CREATE INDEX life_by_name ON ${schema}.life_events (hook, id);
  CREATE INDEX life_by_former ON ${schema}.life_events (hook, former) WHERE former IS NOT NULL;
  CREATE INDEX life_by_generation ON ${schema}.life_events (hook, generation);

  ${tallyTable(schema, 'life_hooks')}
  ${tallyTable(schema, 'life_events')}
  ${noteLife(schema, deletedMark)}
  ${claimEvent(schema, deletedMark)}
  `;
}
