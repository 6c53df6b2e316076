import { make } from './dom.js';
import type { StatusText } from './status-text.js';

/** How long after an edit a screen reader is told, in milliseconds: not for each key, but once for a pause. */
const QUIET_MS = 1500;

/**
 * Shows the status. While somebody types it changes between "Saving…" and "Saved" several times a second; the live
 * region counts as busy for so long, and what it ends with is announced once.
 */
export function showStatus(element: HTMLElement): (status: StatusText) => void {
  let shown = '';
  let quiet: ReturnType<typeof setTimeout> | undefined;
  return (status) => {
    const { kind, headline, detail } = status;
    const next = JSON.stringify(status);
    if (next === shown) return;
    shown = next;
    const routine = kind === 'saving' || kind === 'saved';
    element.setAttribute('aria-busy', String(routine));
    clearTimeout(quiet);
    if (routine) quiet = setTimeout(() => element.setAttribute('aria-busy', 'false'), QUIET_MS);
    element.dataset.kind = kind;
    element.replaceChildren(make('strong', '', headline));
    if (detail !== '') element.append(make('span', '', ` – ${detail}`));
  };
}
