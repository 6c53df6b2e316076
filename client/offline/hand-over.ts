import type { KeepHost } from '../keeping.js';
import { replacedEdits } from '../rejected-edits.js';
import type { Batch, StoredCopy, UnsavedRow } from './copy-store.js';

/**
 * Tells the application of what is kept and belongs to a generation that is gone: copies that nobody took when it went, and what
 * tabs had not saved that were closed before they could hear of it.
 *
 * @param generation that of the copy
 * @param living tabs that are there, and tell themselves
 * @returns what of it need not be kept any longer: the application has it
 */
export function handOver(
  host: KeepHost,
  { replaced, unsaved }: StoredCopy,
  generation: string | undefined,
  living: ReadonlySet<string>,
): Batch | undefined {
  const dropReplaced = replaced.filter(({ copy }) => host.replaced(copy)).map(({ key }) => key);
  const left = new Map<string, UnsavedRow[]>();
  for (const row of unsaved) {
    const isLeft = row.generation !== undefined && row.generation !== generation && !living.has(row.key[0]);
    if (isLeft) left.set(row.generation, [...(left.get(row.generation) ?? []), row]);
  }
  const drop = [...left.values()].filter(isTaken).flatMap((rows) => rows.map(({ key }) => key));
  return dropReplaced.length + drop.length === 0 ? undefined : { drop, dropReplaced };

  function isTaken(rows: readonly UnsavedRow[]): boolean {
    const changes = rows.reduce((sum, { count }) => sum + count, 0);
    const updates = rows.map(({ update }) => update);
    return host.replaced(replacedEdits(updates, changes));
  }
}
