import { isPageCache } from './offline-pages.js';
import type { PageMode } from './page-mode.js';

const WORKER = '/service-worker.js';

/** The part of the Trusted Types API that is needed; what it gives is taken wherever a string is. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

/**
 * Lets the pages open without a network from now on. Where the browser does not do that (over plain HTTP from another machine, in
 * some private windows), they open as they always did.
 */
export async function keepPages(mode: PageMode): Promise<void> {
  await loaded();
  try {
    // In a page that came with the mode of before the server was started anew it asks for that mode, and is replaced later.
    await navigator.serviceWorker.register(trusted(`${WORKER}?mode=${mode}`));
  } catch {
    // It is tried again with the next page.
  }
}

/** What another page was just about to keep comes after the first look, in milliseconds. */
const LOOK_AGAIN_MS = [0, 2_000, 10_000];

/** Undoes that. */
export function dropPages(): void {
  for (const after of LOOK_AGAIN_MS) setTimeout(() => void dropOnce(), after);
}

async function dropOnce(): Promise<void> {
  try {
    for (const registration of await navigator.serviceWorker.getRegistrations()) {
      const { active, waiting, installing } = registration;
      const { scriptURL = '' } = active ?? waiting ?? installing ?? {};
      if (new URL(scriptURL, location.origin).pathname === WORKER) await registration.unregister();
    }
    for (const name of (await caches.keys()).filter(isPageCache)) await caches.delete(name);
  } catch {
    // Where there can be no worker there is none.
  }
}

/** The page itself comes first. */
function loaded(): Promise<void> {
  if (document.readyState === 'complete') return Promise.resolve();
  return new Promise((resolve) => addEventListener('load', () => resolve(), { once: true }));
}

/** The pages' security policy takes no plain string for the address of a script. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy('coscribe', { createScriptURL: (own) => own });
  return policy?.createScriptURL(url) ?? url;
}
