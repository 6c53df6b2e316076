import { checkKinds, type OptionKinds } from '../../shared/option-kinds.js';
import type { KeepOffline } from '../keeping.js';
import { browserSurroundings } from './browser.js';
import { Keeper } from './keeper.js';
import { DATABASE, forgetPlaces } from './kept-copies.js';
import type { Surroundings } from './surroundings.js';

/** What is kept on a device, and for whom. */
export interface OfflineOptions {
  /**
   * For whom the copy is kept: the user's id, where people sign in. On a computer that several people use nobody sees, or sends,
   * what another one's scope holds. By default for nobody in particular.
   */
  readonly scope?: string | undefined;
  /** Name of the IndexedDB database; `coscribe` by default. */
  readonly name?: string | undefined;
}

const OPTIONS: OptionKinds<OfflineOptions> = { scope: 'string', name: 'string' };

/**
 * Keeps a document, and what is not saved, in IndexedDB on this device, and lets the tabs that show it talk to one another: for the
 * option `offline` of a provider. Where there is no IndexedDB, or no room, the provider works without (`keeping`).
 *
 * @throws TypeError if the options make no sense
 */
export function keepOffline(options: OfflineOptions = {}): KeepOffline {
  // It was not called, but handed over as it is, and this is the provider.
  if (Object.hasOwn(Object(options), 'position'))
    throw new TypeError('`offline` takes what `keepOffline()` returns: call it.');
  const { scope, name } = read(options);
  return keepIn(browserSurroundings(name), scope);
}

/** The same with surroundings of one's own. */
export function keepIn(surroundings: Surroundings, scope = ''): KeepOffline {
  return (host) => new Keeper(host, { scope, server: host.server, document: host.document }, surroundings);
}

/**
 * Wipes everything that is kept for a scope, saved or not, of all documents; without a scope for everybody. For signing out: destroy
 * the providers first, and ask the person if `unsavedChanges` says that something would be lost.
 *
 * @throws DOMException of IndexedDB (as a rejection) if there is none, or it can't be opened; TypeError if the options make no sense
 */
export async function forgetOffline(options: OfflineOptions = {}): Promise<void> {
  const { name } = read(options);
  await forgetPlaces(name, options.scope === undefined ? [] : [options.scope]);
}

function read(options: OfflineOptions): { readonly scope: string; readonly name: string } {
  checkKinds('keepOffline()', options, OPTIONS);
  const { scope = '', name = DATABASE } = options;
  return { scope, name };
}
