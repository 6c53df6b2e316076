import type * as Y from 'yjs';
import { roleReaches } from '../../shared/protocol.js';
import type { TextareaBinding } from '../binding-options.js';
import { requireTextField, type TextField } from '../field.js';
import type { CoscribeProvider } from '../provider.js';
import type { ReplacedCopy } from '../rejected-edits.js';
import { type RemoteCarets, showRemoteCarets } from '../remote-carets.js';
import { bindTextarea } from '../textarea-binding.js';
import type { AutoOptions, AutoStatus, Rejected } from './auto-options.js';
import type { FieldRequest } from './field-request.js';
import { SharedDocument } from './shared-document.js';
import { report, tell } from './tell.js';

/**
 * One element with `data-coscribe`. Until the document is there, the element shows what it has in the page's HTML, and is
 * read-only; then the document takes its place. That HTML is never put into the document: everybody who opens the page
 * would put it there once more.
 */
export class AutoField {
  readonly element: TextField;
  readonly rejected: Rejected[] = [];
  readonly #shared: SharedDocument;
  readonly #wasReadOnly: boolean;
  readonly #mayAsk: boolean;
  #request: FieldRequest;
  /** Which provider's document the element shows, once that is there. */
  #shown: CoscribeProvider | undefined;
  #binding: TextareaBinding | undefined;
  #carets: RemoteCarets | undefined;
  #status: AutoStatus | undefined;
  /** What was said since the document was last in step. */
  readonly #said = new Set<string>();
  /** The element cannot show that text. */
  #failed = false;
  #ended = false;

  /** @throws TypeError or CoscribeError with a sentence, if what is asked for cannot be */
  constructor(element: Element, request: FieldRequest, options: AutoOptions) {
    requireTextField(element);
    this.element = element;
    this.#request = request;
    this.#wasReadOnly = element.readOnly;
    this.#mayAsk = options.askBeforeLeaving ?? true;
    this.#shared = SharedDocument.join(request, options, this);
    element.readOnly = true;
    this.changed();
  }

  get provider(): CoscribeProvider {
    return this.#shared.provider;
  }

  get text(): Y.Text {
    return this.provider.doc.getText(this.#request.field);
  }

  get asks(): boolean {
    return this.#request.asks && this.#mayAsk;
  }

  get binding(): TextareaBinding | undefined {
    return this.#binding;
  }

  /** The attributes have changed. `false` if that asks for another field or document. */
  takes(request: FieldRequest): boolean {
    const { name, color, asks, ...rest } = request;
    const { name: _name, color: _color, asks: _asks, ...before } = this.#request;
    if (JSON.stringify(rest) !== JSON.stringify(before)) return false;
    this.#request = request;
    if (name !== _name || color !== _color) this.#shared.introduce(request);
    if (asks !== _asks) this.#shared.guard();
    return true;
  }

  /** The element keeps its text, and is as it was otherwise. */
  destroy(): void {
    this.#ended = true;
    this.#unbind();
    this.#shared.leave(this);
    this.element.readOnly = this.#wasReadOnly;
    this.element.removeAttribute('data-coscribe-status');
  }

  changed(): void {
    if (this.#ended) return;
    const { provider } = this;
    if (provider !== this.#shown) this.#unbind();
    if (this.#binding === undefined && isThere(provider) && !this.#failed) this.#bind(provider);
    const status = this.#statusNow();
    const isWritable = this.#binding !== undefined && status !== 'denied' && mayWrite(provider);
    this.element.readOnly = this.#wasReadOnly || !isWritable;
    if (provider.synced) this.#said.clear();
    if (status !== this.#status) {
      this.#status = status;
      this.element.setAttribute('data-coscribe-status', status);
      if (status === 'denied') this.#said.clear();
      tell(this.element, 'coscribe:status', { status });
    }
    this.#explain(status);
  }

  handBack(rejected: Rejected): void {
    this.rejected.push(rejected);
    tell(this.element, 'coscribe:rejected', rejected);
  }

  replaced(copy: ReplacedCopy): boolean {
    return tell(this.element, 'coscribe:replaced', copy);
  }

  #bind(provider: CoscribeProvider): void {
    const { awareness } = provider;
    this.#shown = provider;
    try {
      const { text } = this;
      this.#binding = bindTextarea(this.element, text, { awareness });
      this.#carets = showRemoteCarets(this.element, text, awareness);
    } catch (error) {
      this.#failed = true;
      report(this.element, error);
    }
  }

  /** Says why, but not at every attempt once more. */
  #explain(status: AutoStatus): void {
    const { error } = this.provider;
    // A server that stops for another one to take over is nothing that anybody should do something about.
    if (
      !(status === 'denied' || status === 'offline') ||
      error === undefined ||
      error.code === 'shutting-down'
    )
      return;
    const sentence = `${error.code} ${error.message}`;
    if (this.#said.has(sentence)) return;
    this.#said.add(sentence);
    report(this.element, error);
  }

  #statusNow(): AutoStatus {
    const { provider } = this;
    if (this.#failed || isOver(provider)) return 'denied';
    if (provider.status !== 'synced' || this.#binding === undefined)
      return provider.status === 'offline' ? 'offline' : 'connecting';
    if (!mayWrite(provider)) return 'read-only';
    return provider.unsavedChanges > 0 || !provider.saving ? 'saving' : 'saved';
  }

  #unbind(): void {
    this.#carets?.destroy();
    this.#binding?.destroy();
    this.#carets = undefined;
    this.#binding = undefined;
    this.#shown = undefined;
  }
}

/** Whether the document has come, from the server or from what is kept on this device. */
function isThere({ synced, keeping, role, doc }: CoscribeProvider): boolean {
  // An empty one that was kept is there, too: of what was never open here, nobody has told a role.
  return synced || (keeping === 'kept' && (role !== undefined || doc.store.clients.size > 0));
}

function isOver({ status }: CoscribeProvider): boolean {
  return status === 'denied' || status === 'diverged' || status === 'destroyed';
}

function mayWrite({ role }: CoscribeProvider): boolean {
  return role === undefined || roleReaches(role, 'editor');
}
