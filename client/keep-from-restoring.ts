import type { TextField } from './field.js';

/**
 * Keeps the browser from bringing back what a field held when the page was left: going back to a page, it writes that
 * over the text of a field that is bound by then, and tells nobody; the next key would be taken for an edit that
 * replaces everything written since.
 *
 * @param showAll writes the document into the field, if that shows anything else
 */
export function keepFromRestoring(field: TextField, showAll: () => void, signal: AbortSignal): void {
  // An application that wants its field to be filled in says so.
  if (!field.hasAttribute('autocomplete')) {
    field.setAttribute('autocomplete', 'off');
    signal.addEventListener('abort', () => field.removeAttribute('autocomplete'), { once: true });
  }
  // Chromium restores between `load` and `pageshow`.
  field.ownerDocument.defaultView?.addEventListener('pageshow', showAll, { signal });
}
