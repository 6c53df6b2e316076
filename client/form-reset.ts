import type { Clock } from '../shared/time.js';
import type { TextField } from './field.js';

/**
 * Keeps a field's text when its form is reset: a shared text is nobody's to reset with a form. The event comes before
 * the reset, so the text is made the default for as long as that takes; at no moment does the field show another one.
 */
export function keepThroughReset(
  field: TextField,
  clock: Clock,
  afterwards: () => void,
  signal: AbortSignal,
): void {
  let pending = false;
  const onReset = (event: Event): void => {
    if (event.target !== field.form || pending) return;
    pending = true;
    const defaultValue = field.defaultValue;
    field.defaultValue = field.value;
    clock.schedule(0, () => {
      pending = false;
      // A value that was set no longer follows the default.
      const shown = field.value;
      field.value = shown;
      field.defaultValue = defaultValue;
      if (!signal.aborted) afterwards();
    });
  };
  // At the document, because a field may change its form.
  field.ownerDocument.addEventListener('reset', onReset, { signal, capture: true });
}
