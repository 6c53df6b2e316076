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
} from './field.js';
import { FieldWriter } from './field-writer.js';
import { keepThroughReset } from './form-reset.js';
import { FrameTask } from './frame-task.js';
import { HeldChanges } from './held-changes.js';
import { LocalCursor } from './local-cursor.js';
import { resolvePosition } from './positions.js';
import { revealCaret } from './reveal-caret.js';
import { ShownText } from './shown-text.js';
import { applyEdits, type TextOp } from './text-delta.js';
import { type AnchoredSelection, UndoHistory } from './undo-history.js';
import { type UndoCommand, undoCommand, undoInputType } from './undo-keys.js';

/** A hidden page draws no frames; what others change is written after so many milliseconds there. */
const HIDDEN_AFTER_MS = 1000;

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
  readonly #writer: FieldWriter;
  /** Shows in the next frame what is held. */
  readonly #writeSoon: FrameTask;
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
    this.#writer = new FieldWriter(field);
    this.#writer.write(this.#showing.shown, readSelection(field));
    const view = field.ownerDocument.defaultView ?? window;
    const atLatest = { clock, ms: HIDDEN_AFTER_MS };
    this.#writeSoon = new FrameTask({ view, phase: 'write', atLatest }, () => this.#onFrame());
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
    this.#catchUp();
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
    // A character that no text can hold was replaced. What others did goes on waiting for the frame.
    if (!this.#composition.active && this.#field.value !== this.#showing.shown) this.#catchUp();
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
    this.#catchUp();
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

  #onFrame(): void {
    if (!this.#composition.active && !this.#showSome()) this.#catchUp();
  }

  /** Shows what a frame has time for; `false` if the whole text is to be set. */
  #showSome(): boolean {
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
    this.#writer.write(this.#showing.shown, to, some);
    this.#history?.selectionCarried(from, to);
    if (this.#held.any) this.#writeSoon.request();
    return true;
  }

  /** Shows the document as it is, if the field shows anything else. */
  #catchUp(): void {
    this.#writeSoon.cancel();
    if (this.#showing.shown === this.#field.value && !this.#held.any) return;
    this.#show(mapSelection(readSelection(this.#field), (index, after) => this.#toDocument(index, after)));
  }

  #endComposition(): void {
    if (!this.#composition.active) return;
    this.#commit('insertCompositionText');
    this.#composition.end();
    this.#composed = false;
    this.#writeSoon.request();
    this.#cursor?.changed();
  }

  readonly #onText = (event: Y.YTextEvent, transaction: Y.Transaction): void => {
    if (transaction.origin === this) return;
    this.#held.addRemote(event.delta as TextOp[]);
    if (transaction.origin === this.undoManager) {
      // The user's own wish. In the middle of a word, where an undo button can be pressed, it ends the word.
      if (this.#composition.active) this.#endComposition();
      this.#catchUp();
    } else if (this.#composition.active) this.#composition.waiting();
    else this.#writeSoon.request();
    this.#cursor?.changed();
  };

  /** Shows the document; `selection` in places of the document. */
  #show(selection: FieldSelection): void {
    const from = readSelection(this.#field);
    this.#held.clear();
    this.#showing = ShownText.of(this.#text, isSingleLine(this.#field));
    const to = this.#shownSelection(selection);
    this.#writer.write(this.#showing.shown, to);
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
