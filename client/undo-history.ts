import * as Y from 'yjs';
import type { Clock } from '../shared/time.js';
import { type FieldSelection, sameSelection } from './field.js';
import type { AnchoredSelection } from './field-view.js';

/** How edits are gathered into steps of the history. */
export interface UndoOptions {
  /** Typing that pauses longer than this many milliseconds begins a new step. Default 1000. */
  readonly captureTimeout?: number | undefined;
}

/** What one step of the history remembers besides Yjs' own. */
interface StepSelections {
  readonly before: AnchoredSelection;
  readonly after: AnchoredSelection;
}

/** How an edit joins the one before it. */
type EditKind =
  | 'typing'
  | 'line'
  | 'backward'
  | 'forward'
  | 'word-backward'
  | 'word-forward'
  | 'drag'
  | 'drop'
  | 'other';

/** What goes on with the step of which kind, if the selection is where that edit left it. */
const GOES_ON: Partial<Record<EditKind, readonly EditKind[]>> = {
  // Whoever deletes and types replaces, as with a selection.
  typing: ['typing', 'line', 'backward', 'forward', 'word-backward', 'word-forward'],
  backward: ['backward', 'word-backward'],
  forward: ['forward', 'word-forward'],
};

/**
 * Undo and redo of one field's own edits, in the steps of a native field of Chromium: a run of typing, or of deleting
 * in one direction and typing in its place, ended by a selection that moves, a lost focus, the end of a composition, or
 * an edit of another kind (paste, cut, drop, replacement). A pause and a new line end a step too, and forward deleting
 * does not go on with what was typed; a native field would take back pages at once, and lines without their first
 * character. Each step remembers the selection before and after it.
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

  /** Whether the next edit may go on with the last step. */
  get isOpen(): boolean {
    return this.#kind !== undefined;
  }

  /** Where the selection is, when it has changed: a step ends where the user moves it. */
  selectionIs(selection: FieldSelection): void {
    if (this.isOpen && this.#expected !== undefined && !sameSelection(this.#expected, selection))
      this.close();
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
      this.#kind !== undefined &&
      (kind === 'drop'
        ? this.#kind === 'drag'
        : GOES_ON[kind]?.includes(this.#kind) === true &&
          now - this.#time < this.#timeout &&
          this.#expected !== undefined &&
          sameSelection(this.#expected, selection));
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
  return KINDS[inputType] ?? 'other';
}

const KINDS: Partial<Record<string, EditKind>> = {
  insertText: 'typing',
  insertCompositionText: 'typing',
  insertFromComposition: 'typing',
  deleteCompositionText: 'typing',
  insertLineBreak: 'line',
  insertParagraph: 'line',
  deleteContentBackward: 'backward',
  deleteContentForward: 'forward',
  deleteWordBackward: 'word-backward',
  deleteSoftLineBackward: 'word-backward',
  deleteHardLineBackward: 'word-backward',
  deleteWordForward: 'word-forward',
  deleteSoftLineForward: 'word-forward',
  deleteHardLineForward: 'word-forward',
  // Within one field the one comes right behind the other.
  deleteByDrag: 'drag',
  insertFromDrop: 'drop',
};
