import { type CopyOptions, type CopyView, DocumentCopy } from './document-copy.js';

interface CopiesOptions {
  /** With what the next copy is made. */
  options(): CopyOptions;
  readonly view: CopyView;
  /** A copy takes part from now on; called before anything comes of it. */
  follow(copy: DocumentCopy): void;
}

/** The copy that takes part, and the one that the editor shows: another one only while a new copy is on its way. */
export class Copies {
  readonly #options: CopiesOptions;
  #current: DocumentCopy;
  #shown: DocumentCopy;

  constructor(options: CopiesOptions) {
    this.#options = options;
    this.#current = this.#make();
    this.#shown = this.#current;
    this.#shown.show();
  }

  get current(): DocumentCopy {
    return this.#current;
  }

  /** Whether the editor shows the copy that takes part. */
  get isCurrentShown(): boolean {
    return this.#shown === this.#current && this.#current.isShown;
  }

  /** The text in the editor; `''` once it was taken out. */
  get text(): string {
    return this.#shown.isShown ? this.#shown.text.toString() : '';
  }

  /** Follows the copy that is there from the start. */
  begin(): void {
    this.#options.follow(this.#current);
  }

  /** A new copy takes the place of the one that takes part: in the editor as soon as it is there. */
  renew(arrived: () => void): void {
    const before = this.#current;
    const fresh = this.#make();
    this.#current = fresh;
    before.stop();
    fresh.provider.on('change', () => {
      if (fresh !== this.#current || this.#shown === fresh || !fresh.provider.synced) return;
      const old = this.#shown;
      this.#shown = fresh;
      old.giveWayTo(fresh);
      arrived();
    });
    this.#options.follow(fresh);
  }

  /** The editor may have become read-only. */
  editorChanged(): void {
    this.#shown.editorChanged();
  }

  /** Takes the text out of the editor. */
  hide(): void {
    this.#current.stop();
    this.#shown.hide();
  }

  #make(): DocumentCopy {
    return new DocumentCopy(this.#options.options(), this.#options.view);
  }
}
