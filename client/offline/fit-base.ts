import { encodeUpdateList } from '../../shared/frames.js';
import type { BaseHead, BaseOutcome, BaseWrite } from './copy-store.js';

export interface FittedBase extends BaseOutcome {
  /** The rows that are there go. */
  readonly clear: boolean;
  /** The row that comes, an update list, under its number. */
  readonly row: { readonly number: number; readonly bytes: Uint8Array } | undefined;
}

/**
 * What a write does to a base. It never claims more than it has: whatever `head` says is there, or is among what is
 * unsaved. Without a base only what begins with the log can be one.
 */
export function fitBase(head: BaseHead | undefined, write: BaseWrite): FittedBase {
  switch (write.kind) {
    case 'erase':
      return { fits: true, head: undefined, clear: true, row: undefined };
    case 'replace': {
      const bytes = encodeUpdateList([write.state]);
      const { position, role } = write;
      const after = { ...position, role, rows: 1, bytes: bytes.length, next: (head?.next ?? 0) + 1 };
      return { fits: true, head: after, clear: true, row: { number: after.next - 1, bytes } };
    }
    case 'add':
      return append(head?.generation === write.generation ? head : undefined, write.updates, true, head);
    case 'extend': {
      const { from, position, role } = write;
      const { generation, seq } = position;
      if (head === undefined && from === 0) {
        const empty = { generation, seq, role, rows: 0, bytes: 0, next: 0 };
        return append(empty, write.updates, true, head);
      }
      const same = head?.generation === generation ? head : undefined;
      const fits = same !== undefined && same.seq >= from;
      const moved = fits ? { ...same, seq: Math.max(same.seq, seq), role } : same;
      return append(moved, write.updates, fits, head);
    }
  }
}

/** @param unchanged what there is if nothing can be appended */
function append(
  to: BaseHead | undefined,
  updates: readonly Uint8Array[],
  fits: boolean,
  unchanged: BaseHead | undefined,
): FittedBase {
  if (to === undefined) return { fits, head: unchanged, clear: false, row: undefined };
  if (updates.length === 0) return { fits, head: to, clear: false, row: undefined };
  const bytes = encodeUpdateList(updates);
  const head = { ...to, rows: to.rows + 1, bytes: to.bytes + bytes.length, next: to.next + 1 };
  return { fits, head, clear: false, row: { number: to.next, bytes } };
}
