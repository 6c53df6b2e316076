import * as Y from 'yjs';
import type { TextareaBinding, TextareaBindingOptions } from './binding-options.js';
import { requireTextField, type TextField } from './field.js';
import { FieldBinding } from './field-binding.js';

export type { TextareaBinding, TextareaBindingOptions } from './binding-options.js';
export type { UndoOptions } from './undo-history.js';

const bound = new WeakSet<TextField>();

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
 * @throws TypeError if the element cannot be bound or is bound already, or if `text` is no `Y.Text` of a `Y.Doc`.
 */
export function bindTextarea(
  element: HTMLTextAreaElement | HTMLInputElement,
  text: Y.Text,
  options: TextareaBindingOptions = {},
): TextareaBinding {
  requireTextField(element);
  if (!(text instanceof Y.Text)) throw new TypeError('A text field is bound to a Y.Text, and this is none.');
  const { doc } = text;
  if (doc === null)
    throw new TypeError('The Y.Text belongs to no Y.Doc yet; take it with doc.getText(name).');
  if (bound.has(element))
    throw new TypeError('This text field is bound already; destroy that binding first.');
  bound.add(element);
  return new FieldBinding(element, text, doc, options, () => bound.delete(element));
}
