import type { TextDifference } from '../shared/text-diff.js';
import { type FieldSelection, isFocused, type TextField, writeSelection, writeValue } from './field.js';
import { visiblePart } from './visible-part.js';

/** From this length on, in UTF-16 units, it matters how a text is written. */
const LONG = 10_000;
/** So many edits at once: each takes a millisecond or so. */
const MOST_EDITS = 4;
/** Where they are in view. */
const MOST_SEEN_EDITS = 8;
/** Where so many wait, or so much inserted text, the whole text is set. */
const MOST_WAITING = 100;
const MOST_INSERTED = 4_000;

const watchers = new WeakMap<TextField, Set<() => void>>();

/** Calls `run` whenever a `FieldWriter` has written the field, which no event tells. @returns what ends that */
export function watchWrites(field: TextField, run: () => void): () => void {
  const known = watchers.get(field) ?? new Set();
  watchers.set(field, known.add(run));
  return () => known.delete(run);
}

/**
 * Writes a field. A browser whose text area gets a new value lays out all of it: 25 ms in Chromium for 100 KB, on the
 * machine on which an edit by the user costs 1 ms. So a long text is edited as the user would edit it, where that is
 * possible: in the focused field, a few small edits at a time. In both cases nobody hears an `input` event.
 */
export class FieldWriter {
  readonly #field: TextField;
  /** Where the last choice ended. */
  #next = 0;

  constructor(field: TextField) {
    this.#field = field;
  }

  /**
   * Which edits to make now, by their numbers; the others in a later frame. `undefined` if the whole text is to be
   * set. What is in view comes first, everything else in turn.
   *
   * @param edits ascending, in places of what the field shows
   * @param length of what the field shows
   */
  choose(edits: readonly TextDifference[], length: number): ReadonlySet<number> | undefined {
    const { readOnly, disabled, ownerDocument } = this.#field;
    if (length < LONG || readOnly || disabled || !isFocused(this.#field)) return undefined;
    // Nobody looks, and there are few frames.
    if (ownerDocument.visibilityState === 'hidden') return undefined;
    const inserted = edits.reduce((sum, { insert }) => sum + insert.length, 0);
    if (edits.length > MOST_WAITING || inserted > MOST_INSERTED) return undefined;
    if (edits.length <= MOST_EDITS) return new Set(edits.keys());
    const seen = visiblePart(this.#field);
    const isSeen = ({ index, remove }: TextDifference) =>
      seen !== undefined && index <= seen.end && index + remove >= seen.start;
    const chosen = new Set(
      [...edits.keys()].filter((number) => isSeen(edits[number] as TextDifference)).slice(0, MOST_SEEN_EDITS),
    );
    const start = edits.findIndex(({ index }) => index >= this.#next);
    const inTurn = [...edits.keys()].map((number) => (number + Math.max(0, start)) % edits.length);
    for (const number of inTurn) {
      if (chosen.size >= MOST_EDITS) break;
      chosen.add(number);
      this.#next = (edits[number]?.index ?? 0) + 1;
    }
    return chosen;
  }

  /** `edits`, ascending and in places of what the field shows, lead to `value`; without them it is set as a whole. */
  write(value: string, selection: FieldSelection, edits?: readonly TextDifference[]): void {
    const field = this.#field;
    if (field.value === value) return;
    if (edits !== undefined && edit(field, edits, value)) writeSelection(field, selection);
    else writeValue(field, value, selection);
    for (const run of watchers.get(field) ?? []) run();
  }
}

/**
 * Edits the focused field like the user, but unheard. `false` if something else came out: `maxlength`, a character in
 * the middle of a grapheme, a browser that does not let scripts edit. The selection is anywhere then.
 */
function edit(field: TextField, edits: readonly TextDifference[], value: string): boolean {
  const page = field.ownerDocument;
  const view = page.defaultView ?? window;
  const { scrollTop, scrollLeft } = field;
  const silence = (event: Event) => event.stopImmediatePropagation();
  for (const name of EVENTS) view.addEventListener(name, silence, { capture: true });
  try {
    // From the end, so that the places of the others stay right.
    for (const { index, remove, insert } of edits.toReversed()) {
      field.setSelectionRange(index, index + remove);
      if (insert === '') page.execCommand('delete');
      else page.execCommand('insertText', false, insert);
    }
  } finally {
    for (const name of EVENTS) view.removeEventListener(name, silence, { capture: true });
  }
  if (field.scrollTop !== scrollTop) field.scrollTop = scrollTop;
  if (field.scrollLeft !== scrollLeft) field.scrollLeft = scrollLeft;
  return field.value === value;
}

const EVENTS = ['beforeinput', 'input'];
