import type { Clock } from '../shared/time.js';
import type { TextField } from './field.js';

export interface FormHooks {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The document as the field shows it when nothing is held back. */
  text(): string;
  /** Writes that into the field, if it can be now. */
  showAll(): void;
  /** The selection may have changed. */
  wasReset(): void;
}

/**
 * What the form of a field does. A submitted form has the text as it is, with what others wrote since the last frame; a
 * form that is reset keeps it.
 */
export function followForm(field: TextField, hooks: FormHooks): void {
  const { signal } = hooks;
  const known = new WeakSet<Node>();
  const reset = keeperThroughReset(field, hooks);
  const listen = (root: Node): void => {
    if (known.has(root)) return;
    known.add(root);
    const at = { signal, capture: true };
    root.addEventListener('reset', reset, at);
    root.addEventListener('submit', (event) => event.target === field.form && hooks.showAll(), at);
    root.addEventListener('formdata', (event) => fillIn(event as FormDataEvent, field, hooks.text()), at);
  };
  // Not at the form, because a field may change it; and these events do not leave a shadow tree.
  const listenHere = (): void => listen(field.getRootNode());
  listen(field.ownerDocument);
  listenHere();
  (field as HTMLElement).addEventListener('focus', listenHere, { signal });
}

/**
 * Resetting: a shared text is nobody's to reset with a form. The event comes before the reset, so the text is made the
 * default for as long as that takes; at no moment does the field show another one.
 */
function keeperThroughReset(field: TextField, hooks: FormHooks): (event: Event) => void {
  let pending = false;
  return (event) => {
    if (event.target !== field.form || pending) return;
    pending = true;
    const defaultValue = field.defaultValue;
    field.defaultValue = field.value;
    hooks.clock.schedule(0, () => {
      pending = false;
      // A value that was set no longer follows the default.
      const shown = field.value;
      field.value = shown;
      field.defaultValue = defaultValue;
      if (!hooks.signal.aborted) hooks.wasReset();
    });
  };
}

/** `new FormData(form)` and `form.submit()` are told to nobody before they have read the fields. */
function fillIn({ target, formData }: FormDataEvent, field: TextField, text: string): void {
  const { form, name, value } = field;
  if (form === null || target !== form || name === '' || value === text) return;
  const at = namesake(form, field);
  const all = formData.getAll(name);
  if (at < 0 || all[at] !== value) return;
  formData.delete(name);
  for (const [number, entry] of all.entries()) formData.append(name, number === at ? text : entry);
}

/** The how manieth entry of its name the field gave. */
function namesake(form: HTMLFormElement, field: TextField): number {
  const entries = Array.from(form.elements).filter(
    (element) => element.getAttribute('name') === field.name && !element.matches(':disabled'),
  );
  return entries.indexOf(field);
}
