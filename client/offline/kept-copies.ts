import { browserSurroundings } from './browser.js';
import type { Place } from './copy-store.js';
import { forgetWithin, listWithin } from './indexed-db-store.js';
import { copyName, forgetMessage } from './tab-message.js';

/** Name of the database, unless somebody chooses another one. */
export const DATABASE = 'coscribe';

/** A document that is kept on this device. */
export interface KeptCopyFacts extends Place {
  /** Changes that the server may not have. */
  readonly unsavedChanges: number;
}

/**
 * What is kept for a scope; without a scope for everybody.
 *
 * @throws DOMException of IndexedDB (as a rejection) if there is none, or it can't be opened
 */
export function listOffline(scope?: string, name = DATABASE): Promise<readonly KeptCopyFacts[]> {
  return listWithin(name, scope === undefined ? [] : [scope]);
}

/** Wipes one kept copy, saved or not; tabs that show it keep it no longer. @throws as above */
export function forgetCopy({ scope, server, document }: Place, name = DATABASE): Promise<void> {
  return forgetPlaces(name, [scope, server, document]);
}

/** Wipes what is kept under a beginning of `Place`, and tells the tabs that keep it. @throws as above */
export async function forgetPlaces(name: string, beginning: readonly string[]): Promise<void> {
  const places = await forgetWithin(name, beginning);
  const { openLine } = browserSurroundings(name);
  for (const place of places) {
    const line = openLine(copyName(place), () => {});
    line?.post(forgetMessage());
    line?.close();
  }
}
