import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { isFocused, type TextField } from './field.js';
import { FrameTask } from './frame-task.js';

/**
 * Tells the others where this client's caret is: the `cursor` field of the awareness state, at most once per
 * animation frame and only when it changed.
 *
 * The caret is published from the first focus on and stays while the page is visible, also when another window or
 * field has the focus: people look something up and come back, and the others should still see where they work. It
 * goes when the page is hidden or the binding destroyed. With several bound fields the last focused one speaks.
 */
export class LocalCursor {
  readonly #field: TextField;
  readonly #text: Y.Text;
  readonly #awareness: Awareness;
  /** Anchor and head as indices of the text, or `undefined` while they cannot be told. */
  readonly #read: () => { anchor: number; head: number } | undefined;
  readonly #publishing: FrameTask;
  #published: object | undefined;

  constructor(
    field: TextField,
    text: Y.Text,
    awareness: Awareness,
    read: () => { anchor: number; head: number } | undefined,
    signal: AbortSignal,
  ) {
    this.#field = field;
    this.#text = text;
    this.#awareness = awareness;
    this.#read = read;
    const page = field.ownerDocument;
    const view = page.defaultView ?? window;
    this.#publishing = new FrameTask({ view, phase: 'draw' }, () => this.#publish());
    const changed = () => this.changed();
    field.addEventListener('focus', changed, { signal });
    // Some browsers tell it to the field, some to the document, and inside a shadow tree only the field hears it.
    field.addEventListener('selectionchange', changed, { signal });
    page.addEventListener('selectionchange', changed, { signal });
    page.addEventListener('visibilitychange', () => this.#onVisibility(page.visibilityState), { signal });
    signal.addEventListener('abort', () => this.#withdraw(), { once: true });
    if (isFocused(field)) changed();
  }

  /** The selection, or the text around it, may have changed. */
  changed(): void {
    if (this.#speaks()) this.#publishing.request();
  }

  #speaks(): boolean {
    return isFocused(this.#field) || this.#ownsPublished();
  }

  #ownsPublished(): boolean {
    return this.#published !== undefined && this.#awareness.getLocalState()?.cursor === this.#published;
  }

  #publish(): void {
    const at = this.#speaks() ? this.#read() : undefined;
    if (at === undefined) return;
    const cursor = { anchor: this.#position(at.anchor), head: this.#position(at.head) };
    if (this.#ownsPublished() && JSON.stringify(cursor) === JSON.stringify(this.#published)) return;
    this.#published = cursor;
    this.#awareness.setLocalStateField('cursor', cursor);
  }

  #position(index: number): unknown {
    // Tied to the character behind it, as other bindings do: the one before it was perhaps typed just now, and an
    // awareness message overtakes an edit that has to be saved first.
    return Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(this.#text, index));
  }

  #onVisibility(state: DocumentVisibilityState): void {
    if (state === 'visible') {
      if (isFocused(this.#field)) this.changed();
    } else this.#withdraw();
  }

  #withdraw(): void {
    this.#publishing.cancel();
    if (this.#ownsPublished()) this.#awareness.setLocalStateField('cursor', null);
    this.#published = undefined;
  }
}
