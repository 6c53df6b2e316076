import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { checkState } from '../../server/documents/beginning.js';
import type { StoredDocument } from '../../server/storage/check/store-reader.js';
import type { StoreWriter } from '../../server/storage/transfer/store-writer.js';
import type { DocumentId } from '../../shared/ids.js';
import { nameFor } from './foreign-names.js';
import type { ForeignSource } from './foreign-sources.js';
import { messageOf } from './message-of.js';

/** Under whose name the log has what other servers knew no author of. */
export const FOREIGN_AUTHOR = 'migrated';

/** A clientID that writes nothing itself: what a state holds was written under others. */
const NOBODY = 0;

type Limits = Parameters<typeof checkState>[1]['limits'];

export interface ForeignOptions {
  readonly workspace: string;
  readonly limits: Limits;
  readonly clock: Parameters<typeof checkState>[1]['clock'];
  readonly dryRun: boolean;
  /** Whether all that the target has is of an earlier attempt. */
  readonly resumed: boolean;
  /** The migration's id: with it the same document gets the same generation again, and in no other migration. */
  readonly migration: string;
  readonly signal: AbortSignal;
}

/** What became of a foreign document. */
export type ForeignMoved =
  | { readonly name: string; readonly became: 'copied'; readonly id: DocumentId }
  /** It was there already, from an earlier attempt. */
  | { readonly name: string; readonly became: 'there'; readonly id: DocumentId }
  | { readonly name: string; readonly became: 'taken'; readonly id: DocumentId }
  /** `why` is a sentence; `state` what it has, if it could be read. */
  | {
      readonly name: string;
      readonly became: 'refused';
      readonly why: string;
      readonly state: Uint8Array | undefined;
    };

/**
 * Takes documents over from another server. Each goes through the gate that every edit goes through: what would not
 * load again, or not everywhere, is refused and named. @throws whatever the signal was aborted with
 */
export async function* migrateForeign(
  source: ForeignSource,
  target: StoreWriter,
  options: ForeignOptions,
): AsyncGenerator<ForeignMoved> {
  const given = new Map<string, string>();
  for (const document of await source.documents()) {
    await breathe();
    options.signal.throwIfAborted();
    const { name } = document;
    const id = nameFor(name, options.workspace);
    const other = id && given.get(id);
    let state: Uint8Array | undefined;
    try {
      state = await document.read();
      if (id === undefined) yield { name, became: 'refused', why: 'its name is too long', state };
      else if (other !== undefined) {
        yield { name, became: 'refused', why: `"${other}" has become ${id} already`, state };
      } else {
        given.set(id, name);
        const updates = await checkState(state, options);
        const generation = generationOf(options.migration, id, state);
        const there = await target.find(id);
        const became = becameOf(there?.generation, generation, options.resumed);
        const now = options.clock.wall();
        const done =
          became !== 'copied' ||
          options.dryRun ||
          (await target.write(asDocument({ id, generation, updates, now }), options.resumed));
        yield { name, became: done ? became : 'taken', id };
      }
    } catch (error) {
      yield { name, became: 'refused', why: messageOf(error), state };
    }
  }
}

function becameOf(
  there: string | undefined,
  generation: string,
  resumed: boolean,
): 'copied' | 'there' | 'taken' {
  if (there === undefined) return 'copied';
  if (!resumed) return 'taken';
  // What the other server has changed since is written again.
  return there === generation ? 'there' : 'copied';
}

/** In the form of a UUID, as every generation. */
function generationOf(migration: string, id: DocumentId, state: Uint8Array): string {
  const hash = createHash('sha256').update(`${migration}\n${id}\n`).update(state).digest('hex');
  return hash.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

interface NewDocument {
  readonly id: DocumentId;
  readonly generation: string;
  readonly updates: readonly Uint8Array[];
  readonly now: number;
}

function asDocument({ id, generation, updates, now }: NewDocument): StoredDocument {
  const row = { clientId: NOBODY, author: FOREIGN_AUTHOR, committedAt: now };
  return {
    id,
    sealedAs: id,
    generation,
    head: updates.length,
    firstRow: 1,
    snapshotSeq: 0,
    createdAt: now,
    updatedAt: now,
    deletedAt: undefined,
    rows: updates.map((update, at) => ({ ...row, seq: at + 1, update })),
    snapshot: undefined,
    authors: updates.length === 0 ? [] : [{ clientId: NOBODY, author: FOREIGN_AUTHOR }],
    links: [],
    receipts: [],
    names: [],
    deliveries: [],
  };
}
