import type { UndoManager } from 'yjs';

/**
 * Buttons for those who have no keyboard; each looks unavailable while there is nothing for it to do. Call what is
 * returned when the editor may have become read-only. It ends with the signal.
 */
export function bindUndoButtons(
  manager: UndoManager,
  editor: HTMLTextAreaElement,
  undo: HTMLButtonElement,
  redo: HTMLButtonElement,
  signal: AbortSignal,
): () => void {
  const show = () => {
    // Not `disabled`, which would throw the keyboard focus away in the middle of undoing.
    undo.setAttribute('aria-disabled', String(editor.readOnly || !manager.canUndo()));
    redo.setAttribute('aria-disabled', String(editor.readOnly || !manager.canRedo()));
  };
  for (const event of ['stack-item-added', 'stack-item-popped', 'stack-cleared'] as const)
    manager.on(event, show);
  for (const [button, run] of [
    [undo, () => manager.undo()],
    [redo, () => manager.redo()],
  ] as const) {
    // The text keeps the focus, so that a phone keeps its keyboard.
    button.addEventListener('pointerdown', (event) => event.preventDefault(), { signal });
    button.addEventListener(
      'click',
      () => {
        if (!editor.readOnly) run();
      },
      { signal },
    );
  }
  show();
  return show;
}
