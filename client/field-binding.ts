import type * as Y from 'yjs';
import { systemClock } from '../shared/time.js';
import type { TextareaBinding, TextareaBindingOptions } from './binding-options.js';
import { Composition } from './composition.js';
import { type FieldSelection, isFocused, readSelection, type TextField } from './field.js';
import { followForm } from './field-form.js';
import { type AnchoredSelection, FieldView } from './field-view.js';
import { FrameTask } from './frame-task.js';
import { keepFromRestoring } from './keep-from-restoring.js';
import { LocalCursor } from './local-cursor.js';
import type { TextOp } from './text-delta.js';
import { UndoHistory } from './undo-history.js';
import { isMove, type UndoCommand, undoCommand, undoInputType } from './undo-keys.js';

/** A hidden page draws no frames; what others change is written after so many milliseconds there. */
const HIDDEN_AFTER_MS = 1000;

/** The binding itself; `bindTextarea` checks what it is given. It is the origin of its transactions. */
export class FieldBinding implements TextareaBinding {
  readonly #field: TextField;
  readonly #text: Y.Text;
  readonly #doc: Y.Doc;
  readonly #onEnd: () => void;
  readonly #view: FieldView;
  readonly #history: UndoHistory | undefined;
  readonly #cursor: LocalCursor | undefined;
  readonly #composition: Composition;
  /** Shows in the next frame what is held. */
  readonly #writeSoon: FrameTask;
  readonly #ended = new AbortController();
  /** The selection that `beforeinput` found. */
  #selectionBefore: FieldSelection | undefined;
  /** Whether the composition under way has changed something. */
  #composed = false;
  /** Whether the user has changed something of which no `change` event has told. */
  #unreported = false;

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
    this.#view = new FieldView(field, text, (from, to) => this.#history?.selectionCarried(from, to));
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
      this.#cursor = new LocalCursor(field, text, awareness, () => this.#view.caret(), signal);
    }
    text.observe(this.#onText);
    doc.on('destroy', this.#onDocEnd);
    this.#listen(signal);
    const showAll = () => {
      if (!this.#composition.active) this.#catchUp();
    };
    keepFromRestoring(field, showAll, signal);
    followForm(field, {
      clock,
      signal,
      showAll,
      text: () => this.#view.whole,
      wasReset: () => this.#cursor?.changed(),
    });
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
    this.#doc.off('destroy', this.#onDocEnd);
    this.#history?.destroy();
    this.#onEnd();
  }

  #listen(signal: AbortSignal): void {
    const field = this.#field as HTMLElement;
    const page = field.ownerDocument;
    field.addEventListener('beforeinput', (event) => this.#onBeforeInput(event), { signal });
    field.addEventListener('input', (event) => this.#onInput(event as InputEvent), { signal });
    field.addEventListener('change', (event) => this.#onChange(event), { signal, capture: true });
    field.addEventListener('keydown', (event) => this.#onKey(event), { signal });
    field.addEventListener('pointerdown', () => this.#history?.close(), { signal });
    field.addEventListener('compositionstart', () => this.#composition.progress(), { signal });
    field.addEventListener('compositionupdate', () => this.#composition.progress(), { signal });
    field.addEventListener('compositionend', () => this.#endComposition(), { signal });
    field.addEventListener('blur', () => this.#onBlur(), { signal });
    // Some browsers tell it to the field, some to the document, and inside a shadow tree only the field hears it.
    const selected = () => this.#onSelection();
    field.addEventListener('selectionchange', selected, { signal });
    page.addEventListener('selectionchange', selected, { signal });
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
      this.#view.show(readSelection(this.#field));
      this.#run(command);
      return;
    }
    if (event.isComposing) this.#composition.progress();
    this.#commit(event.inputType ?? '');
    // Dictated, or chosen from a list, and not typed.
    if (!this.#composition.active && (event.data?.length ?? 0) > 1) this.#history?.close();
    // A character that no text can hold was replaced. What others did goes on waiting for the frame.
    if (!this.#composition.active && this.#view.isTouched) this.#catchUp();
    this.#cursor?.changed();
  }

  /** What is edited in place for others makes the browser believe that the user did it. */
  #onChange(event: Event): void {
    if (event.isTrusted && !this.#unreported) event.stopImmediatePropagation();
    this.#unreported = false;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    // Also where it moves nothing; and two keys can be quicker than the event about the first.
    if (isMove(event.key)) this.#history?.close();
    if (event.defaultPrevented || this.#field.readOnly) return;
    const command = undoCommand(event, /^(Mac|iP)/.test(navigator.platform));
    if (command === undefined) return;
    event.preventDefault();
    this.#run(command);
  }

  #onBlur(): void {
    this.#endComposition();
    this.#history?.close();
  }

  #onSelection(): void {
    if (this.#history?.isOpen && isFocused(this.#field) && !this.#composition.active)
      this.#history.selectionIs(readSelection(this.#field));
  }

  #run(command: UndoCommand): void {
    if (this.#composition.active) this.#endComposition();
    this.#catchUp();
    if (!this.#field.readOnly) this.#history?.[command]();
  }

  /** Brings what the user did to the field into the document. */
  #commit(inputType: string): void {
    const selection = readSelection(this.#field);
    const change = this.#view.ownChange(selection.end);
    const before = this.#selectionBefore;
    this.#selectionBefore = undefined;
    if (change === undefined) return;
    const anchor = (shown: FieldSelection) => this.#view.anchor(shown);
    const removedTo = change.index + change.remove;
    const selected = before ?? { start: removedTo, end: removedTo, direction: 'none' };
    this.#history?.begin(inputType, selected, this.#composed, anchor);
    this.#view.take(change, this);
    this.#composed = this.#composition.active;
    this.#unreported = true;
    this.#history?.end(selection, anchor);
  }

  #onFrame(): void {
    if (this.#composition.active) return;
    if (!this.#view.showSome()) this.#catchUp();
    else if (this.#view.holds) this.#writeSoon.request();
  }

  /** Shows the document as it is. */
  #catchUp(): void {
    this.#writeSoon.cancel();
    this.#view.catchUp();
  }

  #endComposition(): void {
    if (!this.#composition.active) return;
    this.#commit('insertCompositionText');
    this.#composition.end();
    this.#composed = false;
    this.#history?.close();
    this.#writeSoon.request();
    this.#cursor?.changed();
  }

  readonly #onText = (event: Y.YTextEvent, transaction: Y.Transaction): void => {
    if (transaction.origin === this) return;
    this.#view.hold(event.delta as TextOp[]);
    if (transaction.origin === this.undoManager) {
      // The user's own wish. In the middle of a word, where an undo button can be pressed, it ends the word.
      if (this.#composition.active) this.#endComposition();
      this.#catchUp();
    } else if (this.#composition.active) this.#composition.waiting();
    else this.#writeSoon.request();
    this.#cursor?.changed();
  };

  readonly #onDocEnd = (): void => this.destroy();

  /** After undo or redo. Does nothing while composing, because the field shows another text then. */
  #restore(selection: AnchoredSelection): void {
    if (!this.#composition.active) this.#view.select(selection);
  }
}
