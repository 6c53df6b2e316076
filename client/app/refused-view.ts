import type { WireError } from '../../shared/errors.js';
import type { RejectedEdits, ReplacedCopy } from '../rejected-edits.js';
import { make, need } from './dom.js';
import {
  addRefused,
  addReplaced,
  type RefusedEdits,
  refusedSentence,
  refusedText,
  refusedTitle,
} from './refused-edits.js';
import { copyText, downloadText } from './share.js';
import { bindTwoStep } from './two-step.js';

/** Of a long text that much is shown, in characters; all of it is copied. */
const SHOWN = 5_000;

interface RefusedActions {
  /** Told after copying whether the browser let it. */
  copied(done: boolean): void;
  tell(message: string): void;
  /** Of the file to download. */
  readonly fileName: string;
}

/** Shows what could not be saved until the person has dealt with it. */
export class RefusedView {
  readonly #section = need('refused', HTMLElement);
  readonly #title = need('refused-title', HTMLElement);
  readonly #why = need('refused-why', HTMLElement);
  readonly #text = need('refused-text', HTMLElement);
  readonly #copy = need('refused-copy', HTMLButtonElement);
  readonly #download = need('refused-download', HTMLButtonElement);
  #edits: RefusedEdits | undefined;
  #taken = false;

  constructor({ copied, tell, fileName }: RefusedActions) {
    this.#copy.addEventListener('click', async () => {
      const done = await copyText(this.#whole);
      this.#taken ||= done;
      copied(done);
    });
    this.#download.addEventListener('click', () => {
      downloadText(fileName, this.#whole);
      this.#taken = true;
    });
    bindTwoStep(need('refused-done', HTMLButtonElement), {
      sure: 'Discard what you wrote?',
      tell,
      harmless: () => !this.holdsText,
      run: () => this.#close(),
    });
  }

  /** Whether somebody would lose what he wrote if he left now. */
  get holdsText(): boolean {
    return !this.#taken && this.#whole !== '';
  }

  add(error: WireError, rejected: RejectedEdits): void {
    this.#show(addRefused(this.#edits, error, rejected));
  }

  /** What was here of a document that is gone. */
  addReplaced(copy: ReplacedCopy): void {
    this.#show(addReplaced(this.#edits, copy));
  }

  #show(edits: RefusedEdits): void {
    this.#edits = edits;
    this.#taken = false;
    const whole = refusedText(edits);
    const hasText = whole !== '';
    this.#copy.hidden = this.#download.hidden = !hasText;
    this.#copy.textContent = edits.code === 'generation-changed' ? 'Copy the text' : 'Copy what I wrote';
    this.#text.replaceChildren(...(hasText ? [textField(whole)] : []));
    this.#section.hidden = false;
    // After it has come into view: a region that is not there is not announced.
    this.#title.textContent = refusedTitle(edits);
    this.#why.textContent = refusedSentence(edits);
  }

  get #whole(): string {
    return this.#edits === undefined ? '' : refusedText(this.#edits);
  }

  #close(): void {
    this.#edits = undefined;
    this.#section.hidden = true;
  }
}

/** Can be scrolled and selected with the keyboard, too. */
function textField(whole: string): HTMLTextAreaElement {
  const field = make('textarea', 'refused-text');
  field.readOnly = true;
  field.rows = 5;
  field.setAttribute('aria-label', 'What you had written');
  field.value = whole.length > SHOWN ? `${whole.slice(0, SHOWN)}…` : whole;
  return field;
}
