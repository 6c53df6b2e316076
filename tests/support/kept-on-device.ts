import type { Page } from 'playwright-core';
import { PATIENCE_MS } from './patience.js';

/** Everything that a browser keeps for the origin of a page, as text to look for things in. */
export function everythingKept(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const found: string[] = [...Object.entries(localStorage), ...Object.entries(sessionStorage)].flat();
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      const requests = await cache.keys();
      // One that was deleted meanwhile has been made anew by opening it.
      if (requests.length === 0) await caches.delete(name);
      else found.push(name);
      for (const request of requests)
        found.push(request.url, (await (await cache.match(request))?.text()) ?? '');
    }
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open(name);
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      const latin = new TextDecoder('latin1');
      for (const store of database.objectStoreNames) {
        const objects = database.transaction(store).objectStore(store);
        const all = <T>(request: IDBRequest<T[]>) =>
          new Promise<T[]>((resolve, reject) => {
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
          });
        const rows = [await all(objects.getAllKeys()), await all(objects.getAll())];
        const text = (_: string, value: unknown) =>
          value instanceof Uint8Array ? latin.decode(value) : value;
        found.push(...rows.map((part) => JSON.stringify(part, text)));
      }
      database.close();
    }
    return found.join('\n');
  });
}

/** Waits until something is kept. @throws Error when it is not */
export async function untilKept(page: Page, what: RegExp): Promise<void> {
  await untilSo(async () => what.test(await everythingKept(page)), `nothing is kept of ${what}`);
}

/** Waits until nothing of something is kept. @throws Error when it still is */
export async function untilNotKept(page: Page, what: RegExp): Promise<void> {
  await untilSo(async () => !what.test(await everythingKept(page)), `still kept: ${what}`);
}

async function untilSo(isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isSo())) if (performance.now() > deadline) throw new Error(otherwise);
}

/** Waits until what is unsaved is on this device: so many changes, of all documents. */
export async function untilUnsavedKept(page: Page, changes: number): Promise<void> {
  await untilSo(async () => (await unsavedChanges(page)) === changes, `not ${changes} changes are kept`);
}

function unsavedChanges(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('coscribe');
      opening.onsuccess = () => resolve(opening.result);
    });
    const rows = await new Promise<{ readonly count: number }[]>((resolve) => {
      const request = database.transaction('unsaved').objectStore('unsaved').getAll();
      request.onsuccess = () => resolve(request.result);
    });
    database.close();
    return rows.reduce((sum, { count }) => sum + count, 0);
  });
}

/** Waits until the pages open without a network. */
export async function untilPagesKept(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    if (active?.state === 'activated') return;
    await new Promise<void>((resolve) =>
      active?.addEventListener('statechange', () => active.state === 'activated' && resolve()),
    );
  });
}
