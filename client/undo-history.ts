import * as Y from 'yjs';
import type { Clock } from '../shared/time.js';
import { type FieldSelection, sameSelection } from './field.js';

export interface UndoOptions {
  /** Typing that pauses longer than this many milliseconds begins a new step. Default 1000. */
  readonly captureTimeout?: number;
}

/** A selection that stays with its characters. */
export interface AnchoredSelection {
  readonly start: Y.RelativePosition;
  readonly end: Y.RelativePosition;
  readonly direction: FieldSelection['direction'];
}

/** What one step of the history remembers besides Yjs' own. */
interface StepSelections {
  readonly before: AnchoredSelection;
  readonly after: AnchoredSelection;
}

/** How an edit joins the one before it: typing goes on, deleting goes on, anything else is a step of its own. */
type EditKind = 'typing' | 'line' | 'deleting' | 'other';

/**
 * Undo and redo of one field's own edits, in the steps of a native field: a run of typing or deleting, ended by a
 * pause, a moved caret, a new line, or an edit of another kind (paste, cut, drop, replacement). Each step remembers
 * the selection before and after it.
 */
export class UndoHistory {
  readonly manager: Y.UndoManager;
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly #restore: (selection: AnchoredSelection) => void;
  #kind: EditKind | undefined;
  #time = 0;
  /** Where the previous edit, or a remote one after it, left the selection. */
  #expected: FieldSelection | undefined;
  /** The selection before the edit under way. */
  #before: AnchoredSelection | undefined;

  constructor(
    text: Y.Text,
    origin: object,
    options: UndoOptions,
    clock: Clock,
    restore: (selection: AnchoredSelection) => void,
  ) {
    // Steps are made here and not by Yjs' own time-out, which would split a slow composition.
    this.manager = new Y.UndoManager(text, {
      trackedOrigins: new Set([origin]),
      captureTimeout: Number.POSITIVE_INFINITY,
    });
    this.#clock = clock;
    this.#timeout = options.captureTimeout ?? 1000;
    this.#restore = restore;
    this.manager.on('stack-item-added', ({ stackItem }) => this.#remember(stackItem.meta));
    this.manager.on('stack-item-popped', ({ stackItem, type }) => this.#recall(stackItem.meta, type));
  }

  /** The selection was moved along with a remote change, not by the user. */
  selectionCarried(from: FieldSelection, to: FieldSelection): void {
    if (this.#expected !== undefined && sameSelection(this.#expected, from)) this.#expected = to;
  }

  /**
   * Call before an edit reaches the document. `selection` is the one before the edit; `composing` says that the edit
   * continues an IME composition, which is never split.
   */
  begin(
    inputType: string,
    selection: FieldSelection,
    composing: boolean,
    anchor: (selection: FieldSelection) => AnchoredSelection,
  ): void {
    const kind = kindOf(inputType);
    const now = this.#clock.monotonic();
    const goesOn =
      kind !== 'other' &&
      kind !== 'line' &&
      (this.#kind === kind || (this.#kind === 'line' && kind === 'typing')) &&
      now - this.#time < this.#timeout &&
      this.#expected !== undefined &&
      sameSelection(this.#expected, selection);
    if (!goesOn && !composing) this.close();
    // Only a new step asks for it, and anchoring walks the document.
    if (this.manager.lastChange === 0 || !this.manager.canUndo()) this.#before = anchor(selection);
    this.#kind = kind;
    this.#time = now;
  }

  /** Call after an edit reached the document. */
  end(selection: FieldSelection, anchor: (selection: FieldSelection) => AnchoredSelection): void {
    this.#expected = selection;
    const meta = this.manager.undoStack.at(-1)?.meta;
    const selections = meta?.get(StepKey) as StepSelections | undefined;
    if (selections !== undefined) meta?.set(StepKey, { ...selections, after: anchor(selection) });
  }

  /** The next edit begins a new step. */
  close(): void {
    this.manager.stopCapturing();
    this.#kind = undefined;
  }

  undo(): void {
    this.close();
    this.manager.undo();
  }

  redo(): void {
    this.close();
    this.manager.redo();
  }

  destroy(): void {
    this.manager.destroy();
  }

  #remember(meta: Map<unknown, unknown>): void {
    // An undone step comes back as a step to redo, and the other way round, with the same two selections.
    const source = this.manager.currStackItem?.meta.get(StepKey) as StepSelections | undefined;
    if (source !== undefined) meta.set(StepKey, source);
    else if (this.#before !== undefined) meta.set(StepKey, { before: this.#before, after: this.#before });
  }

  #recall(meta: Map<unknown, unknown>, type: 'undo' | 'redo'): void {
    this.close();
    const selections = meta.get(StepKey) as StepSelections | undefined;
    if (selections !== undefined) this.#restore(type === 'undo' ? selections.before : selections.after);
  }
}

/** Key of `StepSelections` in a stack item's `meta`; a symbol, so that it meets nobody else's. */
const StepKey = Symbol('selections of a step');

function kindOf(inputType: string): EditKind {
  if (inputType === 'insertLineBreak' || inputType === 'insertParagraph') return 'line';
  if (TYPING.includes(inputType)) return 'typing';
  return DELETING.test(inputType) ? 'deleting' : 'other';
}

const TYPING = ['insertText', 'insertCompositionText', 'insertFromComposition', 'deleteCompositionText'];
const DELETING = /^delete(Content|Word|SoftLine|HardLine)(Backward|Forward)$/;
