import type * as Y from 'yjs';
import { checkKinds, type OptionKinds } from '../../shared/option-kinds.js';
import type { TextareaBinding } from '../binding-options.js';
import type { CoscribeProvider } from '../provider.js';
import { AutoField } from './auto-field.js';
import type { AutoOptions, Rejected } from './auto-options.js';
import { ATTRIBUTES, readRequest } from './field-request.js';
import { report } from './tell.js';

export type { AutoEvents, AutoOptions, AutoStatus, Problem, Rejected } from './auto-options.js';

const OPTIONS: OptionKinds<AutoOptions> = {
  url: 'string',
  path: 'string',
  getToken: 'function',
  keepOffline: 'function',
  askBeforeLeaving: 'boolean',
};

/** What makes an element collaborative; there from the moment on when `bindAll` has found it. */
export interface AutoBinding {
  /** Shared by all elements of the document. Another one, of a new `Y.Doc`, when the document was reset. */
  readonly provider: CoscribeProvider;
  readonly text: Y.Text;
  /** `undefined` until the document has come. */
  readonly binding: TextareaBinding | undefined;
  /** What the server refused for good, and was written in this page. */
  readonly rejected: readonly Rejected[];
}

/** What `bindAll` has made of an element, if it has. */
export function coscribeFor(element: Element): AutoBinding | undefined {
  return known().bound.get(element);
}

/**
 * Makes every `<textarea>` and `<input>` with `data-coscribe="{workspace}/{name}"` collaborative, those too that come
 * later, and lets go of those that leave. The file for a `<script>` tag does so for the whole page. Shadow trees have to
 * be given one by one.
 *
 * The attributes: `data-coscribe-url` (of the server), `-token`, `-name` and `-color` (how others see this person),
 * `-field` (name of the `Y.Text`), `-offline` (a copy is kept on this device; the value says whose), `-ask` (`no`: the page
 * may be left without a question, whatever is not saved). What comes of it is in `data-coscribe-status`, for CSS, and in the
 * events `coscribe:status`, `coscribe:rejected` and `coscribe:error`.
 *
 * What is bound already, in this way or by another copy of this library, stays as it is.
 *
 * An element is read-only until its document is there, and while this person may only read. Until then it shows what it
 * has in the page's HTML, which never becomes part of the document.
 *
 * @returns what lets go of all of them
 * @throws TypeError for an option that is none
 */
export function bindAll(
  root: Document | DocumentFragment | Element = document,
  options: AutoOptions = {},
): { destroy(): void } {
  checkKinds('bindAll()', options, OPTIONS);
  const own = new Map<Element, AutoField>();
  const { bound, refused } = known();

  const release = (field: AutoField): void => {
    own.delete(field.element);
    bound.delete(field.element);
    field.destroy();
  };

  /** What was written in it would go nowhere. */
  const refuse = (element: Element): void => {
    refused.set(element, element.hasAttribute('readonly'));
    element.setAttribute('readonly', '');
    element.setAttribute('data-coscribe-status', 'denied');
  };

  /** It is as it was before it was refused. */
  const readmit = (element: Element): void => {
    const wasReadOnly = refused.get(element);
    if (!refused.delete(element)) return;
    element.toggleAttribute('readonly', wasReadOnly);
    element.removeAttribute('data-coscribe-status');
  };

  /** Looks at an element anew. */
  const consider = (element: Element): void => {
    const field = own.get(element);
    // Somebody else's, perhaps of another copy of this library.
    if (field === undefined && bound.has(element)) return;
    readmit(element);
    try {
      const request = element.isConnected ? readRequest(element) : undefined;
      if (field !== undefined) {
        if (request !== undefined && field.takes(request)) return;
        release(field);
      }
      if (request === undefined) return;
      // One document's text is not shown under the name of another.
      if (field !== undefined) field.element.value = field.element.defaultValue;
      const found = new AutoField(element, request, options);
      own.set(element, found);
      bound.set(element, found);
    } catch (error) {
      const old = own.get(element);
      if (old !== undefined) release(old);
      refuse(element);
      report(element, error);
    }
  };

  const considerAll = (node: Node): void => {
    // Not by `instanceof`: the root may be of another window.
    const within = node as Partial<Element>;
    if (within.hasAttribute?.('data-coscribe') === true) consider(node as Element);
    for (const element of within.querySelectorAll?.('[data-coscribe]') ?? []) consider(element);
  };

  const observer = new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === 'attributes') consider(target as Element);
      else for (const node of addedNodes) considerAll(node);
    }
    for (const field of own.values())
      if (!root.contains(field.element) || !field.element.isConnected) release(field);
  });
  observer.observe(root, { subtree: true, childList: true, attributeFilter: ATTRIBUTES });
  considerAll(root);

  return {
    destroy() {
      observer.disconnect();
      for (const field of own.values()) release(field);
    },
  };
}

/** What is known of the elements of this page. */
interface Known {
  readonly bound: WeakMap<Element, AutoBinding>;
  /** They cannot have what they ask for; whether they were read-only before. */
  readonly refused: WeakMap<Element, boolean>;
}

const KNOWN = Symbol.for('coscribe.known');

/** The same for every copy of this library: a bundle has one, and the script another. */
function known(): Known {
  const page = globalThis as { [KNOWN]?: Known };
  page[KNOWN] ??= { bound: new WeakMap(), refused: new WeakMap() };
  return page[KNOWN];
}
