export type UndoCommand = 'undo' | 'redo';

/** The parts of a `KeyboardEvent` that matter here. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/**
 * What a key press asks for: Ctrl+Z or Cmd+Z undoes, with Shift it redoes, and so does Ctrl+Y, except on Apple's
 * systems, where Ctrl+Y pastes from the kill ring.
 */
export function undoCommand(press: KeyPress, apple: boolean): UndoCommand | undefined {
  if (press.altKey || press.ctrlKey === press.metaKey) return undefined;
  const letter = latinLetter(press);
  if (letter === 'z') return press.shiftKey ? 'redo' : 'undo';
  return letter === 'y' && press.ctrlKey && !press.shiftKey && !apple ? 'redo' : undefined;
}

/** The same for `beforeinput` and `input`: menus, the browser's toolbar, shaking a phone. */
export function undoInputType(inputType: string | undefined): UndoCommand | undefined {
  if (inputType === 'historyUndo') return 'undo';
  return inputType === 'historyRedo' ? 'redo' : undefined;
}

/** Whether a key moves the caret, as a rule. */
export function isMove(key: string): boolean {
  return /^(Arrow|Home|End|Page)/.test(key);
}

/** On a layout without Latin letters (Cyrillic, Greek, …) shortcuts go by the place of the key. */
function latinLetter({ key, code }: KeyPress): string {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  return code.startsWith('Key') ? code.slice(3).toLowerCase() : '';
}
