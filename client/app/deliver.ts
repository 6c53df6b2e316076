import type { DocumentId } from '../../shared/ids.js';
import { keepOffline } from '../offline/keep-offline.js';
import { CoscribeProvider } from '../provider.js';

/** A server that has not taken everything by then is tried another time, in milliseconds. */
const WITHIN_MS = 20_000;

/** Something that this device keeps and the server may not have. */
export interface Delivery {
  readonly id: DocumentId;
  readonly scope: string;
  readonly token: string | undefined;
  /** Whether the device goes on keeping it once it is saved. */
  readonly keeps: boolean;
}

/**
 * Saves what is kept of a document, without showing the document, or the person in it. What is refused stays where it is:
 * whoever opens the document gets it back.
 */
export async function deliver({ id, scope, token, keeps }: Delivery): Promise<void> {
  const shown = token === undefined ? {} : { token };
  const provider = new CoscribeProvider({ document: id, offline: keepOffline({ scope }), ...shown });
  provider.awareness.setLocalState(null);
  const saved = provider.whenSynced().then(async () => {
    await provider.whenSaved();
    return true;
  });
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), WITHIN_MS));
  try {
    if ((await Promise.race([saved, late])) && !keeps) await provider.forget();
  } catch {
    // It was refused.
  } finally {
    provider.destroy();
  }
}
