import * as Y from 'yjs';
import { replaceLoneSurrogates, smallestDifference } from '../shared/text-diff.js';
import { systemClock } from '../shared/time.js';
import type { TextareaBinding, TextareaBindingOptions } from './binding-options.js';
import { Composition } from './composition.js';
import {
  type FieldSelection,
  isFocused,
  isSingleLine,
  mapSelection,
  readSelection,
  type TextField,
  writeSelection,
  writeValue,
} from './field.js';
import { keepThroughReset } from './form-reset.js';
import { HeldChanges } from './held-changes.js';
import { LocalCursor } from './local-cursor.js';
import { resolvePosition } from './positions.js';
import { revealCaret } from './reveal-caret.js';
import { ShownText } from './shown-text.js';
import { mapIndex, type TextOp } from './text-delta.js';
import { type AnchoredSelection, UndoHistory } from './undo-history.js';
import { type UndoCommand, undoCommand, undoInputType } from './undo-keys.js';

/** The binding itself; `bindTextarea` checks what it is given. It is the origin of its transactions. */
export class FieldBinding implements TextareaBinding {
  readonly #field: TextField;
  readonly #text: Y.Text;
  readonly #doc: Y.Doc;
  readonly #onEnd: () => void;
  readonly #history: UndoHistory | undefined;
  readonly #cursor: LocalCursor | undefined;
  readonly #composition: Composition;
  readonly #held = new HeldChanges();
  readonly #ended = new AbortController();
  /** What the field shows. Differs from the document only by what is held. */
  #showing: ShownText;
  /** The selection that `beforeinput` found. */
  #selectionBefore: FieldSelection | undefined;
  /** Whether the composition under way has changed something. */
  #composed = false;

  constructor(
    field: TextField,
    text: Y.Text,
    doc: Y.Doc,
    options: TextareaBindingOptions,
    onEnd: () => void,
  ) {
    const clock = options.clock ?? systemClock();
    const { signal } = this.#ended;
    this.#field = field;
    this.#text = text;
    this.#doc = doc;
    this.#onEnd = onEnd;
    this.#showing = ShownText.of(text, isSingleLine(field));
    if (field.value !== this.#showing.shown) writeValue(field, this.#showing.shown, readSelection(field));
    this.#composition = new Composition(clock, options.compositionIdle ?? 5000, () => this.#endComposition());
    const { undo = true, awareness } = options;
    if (undo !== false) {
      const undoOptions = undo === true ? {} : undo;
      this.#history = new UndoHistory(text, this, undoOptions, clock, (selection) =>
        this.#restore(selection),
      );
    }
    if (awareness !== undefined) {
      this.#cursor = new LocalCursor(field, text, awareness, () => this.#caret(), signal);
    }
    text.observe(this.#onText);
    this.#listen(signal);
    keepThroughReset(field, clock, () => this.#cursor?.changed(), signal);
  }

  get undoManager(): Y.UndoManager | undefined {
    return this.#history?.manager;
  }

  destroy(): void {
    if (this.#ended.signal.aborted) return;
    if (this.#composition.active) this.#endComposition();
    this.#ended.abort();
    this.#text.unobserve(this.#onText);
    this.#history?.destroy();
    this.#onEnd();
  }

  #listen(signal: AbortSignal): void {
    const field = this.#field as HTMLElement;
    field.addEventListener('beforeinput', (event) => this.#onBeforeInput(event), { signal });
    field.addEventListener('input', (event) => this.#onInput(event as InputEvent), { signal });
    field.addEventListener('keydown', (event) => this.#onKey(event), { signal });
    field.addEventListener('compositionstart', () => this.#composition.progress(), { signal });
    field.addEventListener('compositionupdate', () => this.#composition.progress(), { signal });
    field.addEventListener('compositionend', () => this.#endComposition(), { signal });
    field.addEventListener('blur', () => this.#endComposition(), { signal });
  }

  #onBeforeInput(event: InputEvent): void {
    const command = undoInputType(event.inputType);
    if (command === undefined) this.#selectionBefore = readSelection(this.#field);
    else if (event.cancelable) {
      event.preventDefault();
      this.#run(command);
    }
  }

  #onInput(event: InputEvent): void {
    const command = undoInputType(event.inputType);
    if (command !== undefined) {
      // A browser that did not let its own undo be prevented has brought back an old text.
      this.#show(readSelection(this.#field));
      this.#run(command);
      return;
    }
    if (event.isComposing) this.#composition.progress();
    this.#commit(event.inputType ?? '');
    if (!this.#composition.active) this.#catchUp();
    this.#cursor?.changed();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing || event.defaultPrevented || this.#field.readOnly) return;
    const command = undoCommand(event, /^(Mac|iP)/.test(navigator.platform));
    if (command === undefined) return;
    event.preventDefault();
    this.#run(command);
  }

  #run(command: UndoCommand): void {
    if (this.#composition.active) this.#endComposition();
    if (!this.#field.readOnly) this.#history?.[command]();
  }

  /** Brings what the user did to the field into the document. */
  #commit(inputType: string): void {
    const selection = readSelection(this.#field);
    const change = smallestDifference(this.#showing.shown, this.#field.value, selection.end);
    const { stored } = this.#showing;
    const before = this.#selectionBefore;
    this.#selectionBefore = undefined;
    if (change === undefined) return;
    const removedTo = change.index + change.remove;
    this.#history?.begin(
      inputType,
      before ?? { start: removedTo, end: removedTo, direction: 'none' },
      this.#composed,
      (shown) => this.#anchor(shown),
    );
    const edit = this.#showing.toStoredEdit(
      change.index,
      change.remove,
      replaceLoneSurrogates(change.insert),
    );
    const delta = this.#held.addLocal(edit.index, edit.remove, edit.insert);
    this.#doc.transact(() => applyPlain(this.#text, delta), this);
    this.#showing = new ShownText(
      stored.slice(0, edit.index) + edit.insert + stored.slice(edit.index + edit.remove),
      isSingleLine(this.#field),
    );
    this.#composed = this.#composition.active;
    this.#history?.end(selection, (shown) => this.#anchor(shown));
  }

  /** Shows the document as it is, if the field shows anything else. */
  #catchUp(): void {
    if (this.#showing.shown === this.#field.value && !this.#held.any) return;
    this.#show(
      this.#selectionIn((index, after) => this.#held.toDocument(this.#showing.toStored(index), after)),
    );
  }

  #endComposition(): void {
    if (!this.#composition.active) return;
    this.#commit('insertCompositionText');
    this.#composition.end();
    this.#composed = false;
    this.#catchUp();
    this.#cursor?.changed();
  }

  readonly #onText = (event: Y.YTextEvent, transaction: Y.Transaction): void => {
    if (transaction.origin === this) return;
    if (this.#composition.active) {
      this.#held.addRemote(event.delta as TextOp[]);
      // An undo button was pressed in the middle of a word: that is the user's own wish, and it ends the word.
      if (transaction.origin === this.undoManager) this.#endComposition();
      else this.#composition.waiting();
    } else {
      this.#show(
        this.#selectionIn((index, after) =>
          mapIndex(event.delta as TextOp[], this.#showing.toStored(index), after),
        ),
      );
    }
    this.#cursor?.changed();
  };

  /** The field's selection as places in the document, given how a place in the field becomes one. */
  #selectionIn(map: (index: number, after: boolean) => number): FieldSelection {
    return mapSelection(readSelection(this.#field), map);
  }

  /** Shows the document; `selection` in places of the document. */
  #show(selection: FieldSelection): void {
    const from = readSelection(this.#field);
    this.#held.clear();
    this.#showing = ShownText.of(this.#text, isSingleLine(this.#field));
    const to = this.#shownSelection(selection);
    if (this.#field.value !== this.#showing.shown) writeValue(this.#field, this.#showing.shown, to);
    this.#history?.selectionCarried(from, to);
  }

  /** After undo or redo. Does nothing while composing, because the field shows another text then. */
  #restore({ start, end, direction }: AnchoredSelection): void {
    const from = resolvePosition(start, this.#text);
    const to = resolvePosition(end, this.#text);
    if (typeof from === 'string' || typeof to === 'string' || this.#composition.active) return;
    const selection = { start: Math.min(from, to), end: Math.max(from, to), direction };
    const shown = this.#shownSelection(selection);
    writeSelection(this.#field, shown);
    if (isFocused(this.#field)) revealCaret(this.#field, shown.end);
  }

  #shownSelection({ start, end, direction }: FieldSelection): FieldSelection {
    return { start: this.#showing.toShown(start), end: this.#showing.toShown(end), direction };
  }

  /** A selection in the field, tied to the characters of the document. */
  #anchor({ start, end, direction }: FieldSelection): AnchoredSelection {
    const at = (index: number, side: 0 | -1) =>
      Y.createRelativePositionFromTypeIndex(this.#text, this.#toDocument(index, side === 0), side);
    // A caret goes with the character before it; at the start there is none.
    const from = at(start, start === end && start > 0 ? -1 : 0);
    return { start: from, end: start === end ? from : at(end, -1), direction };
  }

  #toDocument(index: number, after: boolean): number {
    return this.#held.toDocument(this.#showing.toStored(index), after);
  }

  /** Where the user's selection began and where its moving end is, in the document. */
  #caret(): { anchor: number; head: number } | undefined {
    // Set by a script that has not told so: the places would not fit.
    if (this.#field.value.length !== this.#showing.shown.length) return undefined;
    const { start, end, direction } = readSelection(this.#field);
    const from = this.#toDocument(start, start < end);
    const to = start === end ? from : this.#toDocument(end, false);
    return direction === 'backward' ? { anchor: to, head: from } : { anchor: from, head: to };
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
