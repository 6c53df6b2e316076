import type * as Y from 'yjs';
import { checkKinds, type OptionKinds } from '../shared/option-kinds.js';
import type { TextareaBinding, TextareaBindingOptions } from './binding-options.js';
import { requireTextField } from './field.js';
import { FieldBinding } from './field-binding.js';
import { requireAwareness } from './require-awareness.js';
import { requireText } from './require-text.js';
import type { UndoOptions } from './undo-history.js';

export type { TextareaBinding, TextareaBindingOptions } from './binding-options.js';
export type { UndoOptions } from './undo-history.js';

const OPTIONS: OptionKinds<TextareaBindingOptions> = {
  awareness: 'object',
  undo: 'boolean or object',
  compositionIdle: 'number',
  clock: 'object',
};
const UNDO: OptionKinds<UndoOptions> = { captureTimeout: 'number' };

/** Marks a bound element for every copy of this library in the page. */
const BOUND = Symbol.for('coscribe.bound');

/**
 * Makes a `<textarea>` or `<input>` show a `Y.Text` and edit it, until `destroy()`. What was in the field before is
 * replaced by the text.
 *
 * Each input event becomes one Yjs transaction with the smallest difference, whose origin is the binding. What others
 * change is in the `Y.Text` at once and in the field with the next frame: as one write, without an `input` event, which
 * keeps selection and scroll position. Where many places of a text of 10,000 characters and more change at once, they
 * come in several frames, those in view first; who needs exactly the text reads the `Y.Text`.
 *
 * A field cannot show everything: a text area shows CR LF and CR as line breaks, an `<input>` shows no line breaks at
 * all, and an embedded object shows as U+FFFC; in the text they stay as they are until the user deletes them, or what is
 * on both sides of them.
 *
 * A script that sets `element.value` has to dispatch an `input` event, as for any framework; otherwise the next
 * remote change overwrites what it set.
 *
 * While it is bound, an element without an `autocomplete` attribute has `autocomplete="off"`: else browsers bring back
 * what it held when the page was left. A form that is reset keeps the text, and one that is submitted has all of it.
 * The element may be taken out of the page and put back, there or elsewhere in the same document. When the `Y.Doc` is
 * destroyed, the binding ends too.
 *
 * @throws TypeError with a sentence that says what is wrong, if the element cannot be bound, is in no page or is bound
 * already, if `text` is no `Y.Text` of a living `Y.Doc` of the same copy of Yjs, or if an option is none.
 */
export function bindTextarea(
  element: HTMLTextAreaElement | HTMLInputElement,
  text: Y.Text,
  options: TextareaBindingOptions = {},
): TextareaBinding {
  requireTextField(element);
  const doc = requireText(text);
  checkKinds('bindTextarea()', options, OPTIONS);
  const { awareness, undo } = options;
  if (awareness !== undefined) requireAwareness(awareness);
  if (typeof undo === 'object') checkKinds('`undo`', undo, UNDO);
  if (!element.isConnected)
    throw new TypeError('This text field is in no page yet; add it to the page first, and bind it then.');
  if (BOUND in element) throw new TypeError('This text field is bound already; destroy that binding first.');
  const binding = new FieldBinding(element, text, doc, options, () => Reflect.deleteProperty(element, BOUND));
  Reflect.defineProperty(element, BOUND, { value: true, configurable: true });
  return binding;
}
