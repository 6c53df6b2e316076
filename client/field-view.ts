import * as Y from 'yjs';
import { replaceLoneSurrogates, smallestDifference, type TextDifference } from '../shared/text-diff.js';
import {
  type FieldSelection,
  isFocused,
  isSingleLine,
  mapSelection,
  readSelection,
  type TextField,
  writeSelection,
} from './field.js';
import { FieldWriter } from './field-writer.js';
import { HeldChanges } from './held-changes.js';
import { resolvePosition } from './positions.js';
import { revealCaret } from './reveal-caret.js';
import { ShownText } from './shown-text.js';
import { applyEdits, type TextOp } from './text-delta.js';

/** A selection that stays with its characters. */
export interface AnchoredSelection {
  readonly start: Y.RelativePosition;
  readonly end: Y.RelativePosition;
  readonly direction: FieldSelection['direction'];
}

/**
 * What a field shows of a text. The two differ by what is held back from the field for now, and by what a field cannot
 * show; every place is told in the one or in the other.
 */
export class FieldView {
  readonly #field: TextField;
  readonly #text: Y.Text;
  readonly #held = new HeldChanges();
  readonly #writer: FieldWriter;
  /** Told whenever the selection was moved along with what others did. */
  readonly #carried: (from: FieldSelection, to: FieldSelection) => void;
  #showing: ShownText;

  constructor(field: TextField, text: Y.Text, carried: (from: FieldSelection, to: FieldSelection) => void) {
    this.#field = field;
    this.#text = text;
    this.#carried = carried;
    this.#writer = new FieldWriter(field);
    this.#showing = ShownText.of(text, isSingleLine(field));
    this.#writer.write(this.#showing.shown, readSelection(field));
  }

  /** Whether something is held back from the field. */
  get holds(): boolean {
    return this.#held.any;
  }

  /** Whether the field has another text than it was given, by the user or a script. */
  get isTouched(): boolean {
    return this.#field.value !== this.#showing.shown;
  }

  /** What the user did to the field, in places of the field; `caret` is where it ended. */
  ownChange(caret: number): TextDifference | undefined {
    return smallestDifference(this.#showing.shown, this.#field.value, caret);
  }

  /** Brings what the user did into the document, as one transaction. */
  take(change: TextDifference, origin: object): void {
    const { stored } = this.#showing;
    const inserted = replaceLoneSurrogates(change.insert);
    const { index, remove, insert } = this.#showing.toStoredEdit(change.index, change.remove, inserted);
    const delta = this.#held.addLocal(index, remove, insert);
    this.#text.doc?.transact(() => applyPlain(this.#text, delta), origin);
    this.#showing = new ShownText(
      stored.slice(0, index) + insert + stored.slice(index + remove),
      isSingleLine(this.#field),
    );
  }

  /** Somebody else changed the document; the field shows it later. */
  hold(delta: readonly TextOp[]): void {
    this.#held.addRemote(delta);
  }

  /** Shows what a frame has time for; `false` if the whole text is to be set. */
  showSome(): boolean {
    const { shown, plain } = this.#showing;
    const document = this.#text.toString();
    // Where places in the field are other than in the document, or an embedded object has a place and no text.
    if (!plain || document.length !== this.#text.length) return false;
    const edits = this.#held.edits(document);
    const chosen = this.#writer.choose(edits, shown.length);
    if (chosen === undefined) return false;
    const some = edits.filter((_, number) => chosen.has(number));
    const showing = new ShownText(applyEdits(shown, some), isSingleLine(this.#field));
    if (!showing.plain) return false;
    const from = readSelection(this.#field);
    const part = this.#held.take(chosen);
    const to = mapSelection(from, (index, after) => part.toDocument(index, after));
    this.#showing = showing;
    this.#writer.write(showing.shown, to, some);
    this.#carried(from, to);
    return true;
  }

  /** Shows the document as it is, if the field shows anything else. */
  catchUp(): void {
    if (!this.isTouched && !this.holds) return;
    this.show(mapSelection(readSelection(this.#field), (index, after) => this.#toDocument(index, after)));
  }

  /** Shows the document; `selection` in places of the document. */
  show(selection: FieldSelection): void {
    const from = readSelection(this.#field);
    this.#held.clear();
    this.#showing = ShownText.of(this.#text, isSingleLine(this.#field));
    const to = this.#shownSelection(selection);
    this.#writer.write(this.#showing.shown, to);
    this.#carried(from, to);
  }

  /** The document as the field would show it, with what is held. */
  get whole(): string {
    return this.holds ? ShownText.of(this.#text, isSingleLine(this.#field)).shown : this.#showing.shown;
  }

  /** Selects, and scrolls there, if nothing is held. */
  select({ start, end, direction }: AnchoredSelection): void {
    const from = resolvePosition(start, this.#text);
    const to = resolvePosition(end, this.#text);
    if (typeof from === 'string' || typeof to === 'string') return;
    const selection = { start: Math.min(from, to), end: Math.max(from, to), direction };
    const shown = this.#shownSelection(selection);
    writeSelection(this.#field, shown);
    if (isFocused(this.#field)) revealCaret(this.#field, shown.end);
  }

  /** A selection in the field, tied to the characters of the document. */
  anchor({ start, end, direction }: FieldSelection): AnchoredSelection {
    const at = (index: number, side: 0 | -1) =>
      Y.createRelativePositionFromTypeIndex(this.#text, this.#toDocument(index, side === 0), side);
    // A caret goes with the character before it; at the start there is none.
    const from = at(start, start === end && start > 0 ? -1 : 0);
    return { start: from, end: start === end ? from : at(end, -1), direction };
  }

  /** Where the user's selection began and where its moving end is, in the document. */
  caret(): { anchor: number; head: number } | undefined {
    // Set by a script that has not told so: the places would not fit.
    if (this.#field.value.length !== this.#showing.shown.length) return undefined;
    const { start, end, direction } = readSelection(this.#field);
    const from = this.#toDocument(start, start < end);
    const to = start === end ? from : this.#toDocument(end, false);
    return direction === 'backward' ? { anchor: to, head: from } : { anchor: from, head: to };
  }

  #shownSelection({ start, end, direction }: FieldSelection): FieldSelection {
    return { start: this.#showing.toShown(start), end: this.#showing.toShown(end), direction };
  }

  #toDocument(index: number, after: boolean): number {
    return this.#held.toDocument(this.#showing.toStored(index), after);
  }
}

/** Like `text.applyDelta`, except that what is inserted takes the formatting around it. */
function applyPlain(text: Y.Text, delta: readonly TextOp[]): void {
  let index = 0;
  for (const op of delta) {
    if (op.retain !== undefined) index += op.retain;
    else if (op.delete !== undefined) text.delete(index, op.delete);
    else if (typeof op.insert === 'string') {
      text.insert(index, op.insert);
      index += op.insert.length;
    }
  }
}
