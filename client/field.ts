/** The form fields that can be bound: what they have in common is a text and a selection in it. */
export type TextField = HTMLTextAreaElement | HTMLInputElement;

export interface FieldSelection {
  readonly start: number;
  readonly end: number;
  readonly direction: 'forward' | 'backward' | 'none';
}

/**
 * Types of `<input>` that can be bound. "email", "number", "date" and the like have no selection that a script may
 * read; "url" drops spaces at its ends, so that it could not show every text.
 */
const INPUT_TYPES = ['text', 'search', 'tel', 'password'];

/** @throws TypeError if the element is no `<textarea>` and no `<input>` of a type that can be bound. */
export function requireTextField(element: unknown): asserts element is TextField {
  const { tagName, type, isContentEditable } = (element ?? {}) as Record<string, unknown>;
  if (tagName === 'TEXTAREA') return;
  if (tagName !== 'INPUT') {
    throw new TypeError(
      isContentEditable === true
        ? 'An editable element (contenteditable) cannot be bound to a text; bind a <textarea>, or use an editor with a Yjs binding of its own.'
        : 'A text can be bound to a <textarea> or an <input> only.',
    );
  }
  if (INPUT_TYPES.includes(String(type))) return;
  throw new TypeError(
    `An <input type="${String(type)}"> cannot be bound to a text; the types that can are ${INPUT_TYPES.join(', ')}.`,
  );
}

export function isSingleLine(field: TextField): boolean {
  return field.tagName === 'INPUT';
}

/** Whether the user's keys go to the field, also inside a shadow tree. */
export function isFocused(field: TextField): boolean {
  return field.matches(':focus');
}

export function readSelection(field: TextField): FieldSelection {
  const start = field.selectionStart ?? 0;
  return { start, end: field.selectionEnd ?? start, direction: field.selectionDirection ?? 'none' };
}

/** Selects; does nothing if it is selected already, because some browsers move the focus along. */
export function writeSelection(field: TextField, selection: FieldSelection): void {
  if (sameSelection(readSelection(field), selection)) return;
  field.setSelectionRange(selection.start, selection.end, selection.direction);
}

export function sameSelection(a: FieldSelection, b: FieldSelection): boolean {
  return a.start === b.start && a.end === b.end && (a.start === a.end || a.direction === b.direction);
}

/**
 * Moves both ends of a selection along with a change. `map` is given an index and whether text that was inserted
 * exactly there comes before it. A caret stays behind the character it was behind, so that a person's own words stay
 * together; a selection grows by nothing that was inserted at its edges.
 */
export function mapSelection(
  { start, end, direction }: FieldSelection,
  map: (index: number, afterInserted: boolean) => number,
): FieldSelection {
  const from = map(start, start < end);
  return { start: from, end: Math.max(from, start === end ? from : map(end, false)), direction };
}

/**
 * Whether setting `value` leaves the scroll position alone, as it does in Chromium. Learned from the first scrolled
 * field, because asking makes the browser lay out the whole text: 40 ms for 100 KB, at every remote edit.
 */
let keepsScroll: boolean | undefined;

/** Replaces the text of a field that shows another one, and keeps selection and scroll position as given. */
export function writeValue(field: TextField, value: string, selection: FieldSelection): void {
  const { scrollTop, scrollLeft } = keepsScroll ? { scrollTop: 0, scrollLeft: 0 } : field;
  field.value = value;
  writeSelection(field, selection);
  if (scrollTop === 0 && scrollLeft === 0) return;
  const longEnough = field.scrollHeight - field.clientHeight >= scrollTop;
  if (longEnough) keepsScroll ??= field.scrollTop === scrollTop && field.scrollLeft === scrollLeft;
  field.scrollTop = scrollTop;
  field.scrollLeft = scrollLeft;
}
