import type { KeyValueStore } from './identity.js';

const KEY = 'coscribe.hidden';

/** Whether the person at this browser wants the others to see him: yes, until he says otherwise. */
export function isVisible(storage: KeyValueStore | undefined): boolean {
  try {
    return storage?.getItem(KEY) !== 'yes';
  } catch {
    return true;
  }
}

export function keepVisible(storage: KeyValueStore | undefined, visible: boolean): void {
  try {
    storage?.setItem(KEY, visible ? '' : 'yes');
  } catch {
    // Storage is full or forbidden: it then lasts as long as the page.
  }
}
