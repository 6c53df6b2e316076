import * as Y from 'yjs';

/** What Yjs puts in the place of each half of a surrogate pair that it cuts (13.6, `ContentString.splice`). */
const REPLACEMENT = '\uFFFD';

interface Operation {
  readonly retain?: number | undefined;
  readonly insert?: unknown;
  readonly delete?: number | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
}

/** A unit of a text, and what is said about it. */
interface Unit {
  readonly index: number;
  readonly attributes: Operation['attributes'];
}

/**
 * The delta of a change, with what Yjs does not say in it: that halves of surrogate pairs became others where the change cut an
 * item between them. Two people who do not know of pairs can do that at once; whoever has a delta alone would keep the halves.
 */
export function deltaOf({ delta, target, transaction }: Y.YTextEvent): readonly Operation[] {
  const halves = transaction._mergeStructs.filter(isHalf);
  if (halves.length === 0) return delta;
  const units = unitsAt(target as Y.Text, halves);
  return units.length === 0 ? delta : replaceUnits(delta, units);
}

/** Whether it is what stands behind a cut, and begins with half a pair. */
function isHalf(struct: Y.AbstractStruct): struct is Y.Item {
  return (
    struct instanceof Y.Item &&
    struct.content instanceof Y.ContentString &&
    struct.content.str.startsWith(REPLACEMENT)
  );
}

/** The halves on both sides of the cuts, as far as the text shows them. */
function unitsAt(text: Y.Text, halves: readonly Y.Item[]): Unit[] {
  const first = new Set(halves);
  const last = new Set(halves.map(({ id }) => `${id.client} ${id.clock}`));
  const found: number[] = [];
  let index = 0;
  for (let item = text._start; item !== null; item = item.right) {
    if (item.deleted || !item.countable) continue;
    if (first.has(item)) found.push(index);
    index += item.length;
    const { client, clock } = item.id;
    if (endsWithHalf(item) && last.has(`${client} ${clock + item.length}`) && found.at(-1) !== index - 1)
      found.push(index - 1);
  }
  const spans = attributesIn(text);
  return found.map((at) => ({ index: at, attributes: spans.find(({ end }) => at < end)?.attributes }));
}

function endsWithHalf({ content }: Y.Item): boolean {
  return content instanceof Y.ContentString && content.str.endsWith(REPLACEMENT);
}

function attributesIn(
  text: Y.Text,
): { readonly end: number; readonly attributes: Operation['attributes'] }[] {
  let end = 0;
  return (text.toDelta() as Operation[]).map(({ insert, attributes }) => {
    end += typeof insert === 'string' ? insert.length : 1;
    return { end, attributes };
  });
}

/** Writes these units anew, where the delta keeps them. @param units ascending, by where they are after it */
function replaceUnits(delta: readonly Operation[], units: readonly Unit[]): Operation[] {
  const result: Operation[] = [];
  const left = [...units];
  let at = 0;
  const keep = (to: number, attributes: Operation['attributes']): void => {
    for (let unit = left[0]; unit !== undefined && unit.index < to; unit = left[0]) {
      left.shift();
      if (unit.index > at) result.push(retaining(unit.index - at, attributes));
      result.push(
        { insert: REPLACEMENT, ...(unit.attributes && { attributes: unit.attributes }) },
        { delete: 1 },
      );
      at = unit.index + 1;
    }
    if (to > at && to !== END) result.push(retaining(to - at, attributes));
    at = to;
  };
  for (const operation of delta) {
    const { retain, insert, attributes } = operation;
    if (retain !== undefined) keep(at + retain, attributes);
    else {
      result.push(operation);
      if (insert === undefined) continue;
      at += typeof insert === 'string' ? insert.length : 1;
      // What is inserted is told as it is.
      while (left[0] !== undefined && left[0].index < at) left.shift();
    }
  }
  keep(END, undefined);
  return result;
}

const END = Number.POSITIVE_INFINITY;

function retaining(retain: number, attributes: Operation['attributes']): Operation {
  return { retain, ...(attributes && { attributes }) };
}
