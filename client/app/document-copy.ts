import type * as Y from 'yjs';
import type { DocumentId } from '../../shared/ids.js';
import { DEFAULT_TEXT } from '../../shared/protocol.js';
import { smallestDifference, type TextDifference } from '../../shared/text-diff.js';
import { keepOffline } from '../offline/keep-offline.js';
import { CoscribeProvider } from '../provider.js';
import { showRemoteCarets } from '../remote-carets.js';
import { bindTextarea } from '../textarea-binding.js';
import { showCounts } from './counts-view.js';
import { bindUndoButtons } from './undo-buttons.js';

/** Where a copy is shown. */
export interface CopyView {
  readonly editor: HTMLTextAreaElement;
  readonly counts: HTMLElement;
  readonly undo: HTMLButtonElement;
  readonly redo: HTMLButtonElement;
}

export interface CopyOptions {
  readonly id: DocumentId;
  readonly token: string | undefined;
  /** For whom it is kept on this device; `undefined`: it is not kept. */
  readonly scope: string | undefined;
  readonly presence: { readonly name: string; readonly color: string };
  /** Whether the others see this person. */
  readonly visible: boolean;
}

/** The page's copy of the document: what keeps it in step, and, once it is shown, what binds it to the page. */
export class DocumentCopy {
  readonly provider: CoscribeProvider;
  readonly text: Y.Text;
  readonly scope: string | undefined;
  readonly #view: CopyView;
  readonly #hidden = new AbortController();
  #showUndo: (() => void) | undefined;

  constructor({ id, token, scope, presence, visible }: CopyOptions, view: CopyView) {
    const shown = token === undefined ? {} : { token };
    const kept = scope === undefined ? {} : { offline: keepOffline({ scope }) };
    this.scope = scope;
    this.provider = new CoscribeProvider({ document: id, presence, ...shown, ...kept });
    if (!visible) this.provider.awareness.setLocalState(null);
    this.text = this.provider.doc.getText(DEFAULT_TEXT);
    this.#view = view;
  }

  /** Whether the editor shows it. */
  get isShown(): boolean {
    return this.#showUndo !== undefined && !this.#hidden.signal.aborted;
  }

  /** Puts the text into the editor, which no other copy may be in. */
  show(): void {
    const { editor, counts, undo, redo } = this.#view;
    const { awareness } = this.provider;
    const { signal } = this.#hidden;
    const binding = bindTextarea(editor, this.text, { awareness });
    const carets = showRemoteCarets(editor, this.text, awareness);
    const stopCounting = showCounts(counts, this.text);
    if (binding.undoManager !== undefined)
      this.#showUndo = bindUndoButtons(binding.undoManager, editor, undo, redo, signal);
    signal.addEventListener('abort', () => {
      carets.destroy();
      binding.destroy();
      stopCounting();
    });
  }

  /** The editor may have become read-only. */
  editorChanged(): void {
    this.#showUndo?.();
  }

  /** Nothing of it stays on this device. */
  forget(): void {
    this.provider.forget().catch(() => {
      // What can't be wiped now can't be read either, mostly; the next refusal tries again.
    });
  }

  /** Leaves the editor as it is, and takes part no longer. */
  stop(): void {
    this.provider.destroy();
  }

  /** Takes the text out of the editor, and takes part no longer. */
  hide(): void {
    this.stop();
    if (!this.isShown) return;
    this.#hidden.abort();
    this.#view.editor.value = '';
    this.#view.counts.textContent = '';
  }

  /** Leaves the editor to another copy, which keeps caret and scroll position as far as its text is the same. */
  giveWayTo(other: DocumentCopy): void {
    const { editor } = this.#view;
    const { value: before, selectionStart, selectionEnd, selectionDirection, scrollTop } = editor;
    this.#hidden.abort();
    other.show();
    const difference = smallestDifference(before, editor.value);
    if (difference === undefined) return;
    editor.setSelectionRange(
      placeAfter(selectionStart, difference),
      placeAfter(selectionEnd, difference),
      selectionDirection,
    );
    editor.scrollTop = scrollTop;
  }
}

/** Where a place of the text is once a part of it is replaced. */
function placeAfter(place: number, { index, remove, insert }: TextDifference): number {
  if (place <= index) return place;
  if (place >= index + remove) return place - remove + insert.length;
  return Math.min(place, index + insert.length);
}
