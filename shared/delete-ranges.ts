import { UpdateWriter } from './struct-writer.js';
import { UpdateReader } from './update-format.js';
import { readSections } from './update-order.js';

/** Clocks of one client from `from` to before `to`. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** What is deleted in a document, or by updates: for each client ranges that ascend and neither touch nor overlap. */
export type DeleteRanges = ReadonlyMap<number, readonly Range[]>;

const ignore = (): void => {};

/** What updates delete. @throws CoscribeError `invalid-update`, `update-refused` */
export function deletesOf(updates: Iterable<Uint8Array>): DeleteRanges {
  const all = new Map<number, Range[]>();
  for (const update of updates) {
    const reader = new UpdateReader(update);
    readSections(reader, ignore, ignore);
    while (reader.nextDeletes()) {
      const ranges = all.get(reader.client) ?? [];
      all.set(reader.client, ranges);
      while (reader.nextRange()) ranges.push({ from: reader.clock, to: reader.clock + reader.length });
    }
  }
  for (const [client, ranges] of all) all.set(client, merged(ranges));
  return all;
}

/**
 * An update without the deletions that are known already. Yjs answers a state vector with all deletions that a copy has, new
 * or not.
 *
 * @throws CoscribeError `invalid-update`, `update-refused`
 */
export function withoutDeletes(update: Uint8Array, known: DeleteRanges): Uint8Array {
  const reader = new UpdateReader(update);
  const writer = new UpdateWriter();
  readSections(reader, ignore, (struct) => writer.add(struct));
  while (reader.nextDeletes()) {
    const ranges = known.get(reader.client) ?? [];
    while (reader.nextRange()) {
      const wanted = { from: reader.clock, to: reader.clock + reader.length };
      for (const { from, to } of subtract(wanted, ranges)) writer.addRange(reader.client, from, to - from);
    }
  }
  reader.finish();
  return writer.encode();
}

function merged(ranges: Range[]): Range[] {
  ranges.sort((a, b) => a.from - b.from);
  const result: Range[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (last === undefined || range.from > last.to) result.push(range);
    else if (range.to > last.to) result[result.length - 1] = { from: last.from, to: range.to };
  }
  return result;
}

function subtract({ from, to }: Range, known: readonly Range[]): Range[] {
  const left: Range[] = [];
  let next = from;
  for (let at = firstEndingAfter(known, from); at < known.length && next < to; at++) {
    const range = known[at];
    if (range === undefined || range.from >= to) break;
    if (range.from > next) left.push({ from: next, to: range.from });
    next = Math.max(next, range.to);
  }
  if (next < to) left.push({ from: next, to });
  return left;
}

function firstEndingAfter(ranges: readonly Range[], clock: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle]?.to ?? 0) > clock) high = middle;
    else low = middle + 1;
  }
  return low;
}
