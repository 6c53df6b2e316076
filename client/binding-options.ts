import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import type { Clock } from '../shared/time.js';
import type { UndoOptions } from './undo-history.js';

/** How a field is bound. */
export interface TextareaBindingOptions {
  /** Where the local caret is published, as `cursor`; without it nobody sees it. */
  readonly awareness?: Awareness | undefined;
  /**
   * Undo and redo of the edits made in this field. Default `true`. With `false` the field has no undo at all: the
   * browser's own would bring back texts that are long out of date.
   */
  readonly undo?: boolean | UndoOptions | undefined;
  /** Milliseconds after which remote changes no longer wait for an idle IME composition. Default 5000. */
  readonly compositionIdle?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** A field that shows a `Y.Text`. */
export interface TextareaBinding {
  /** Yjs' undo manager of this field's edits, for buttons; `undefined` if `undo` is `false`. */
  readonly undoManager: Y.UndoManager | undefined;
  /** Ends the binding. The field keeps its text and works as before. */
  destroy(): void;
}
