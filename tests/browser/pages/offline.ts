import { openDB } from 'idb';
import {
  CoscribeProvider,
  forgetOffline,
  keepOffline,
  type ProviderOptions,
  type ReplacedCopy,
} from '../../../client/index.js';

interface Given extends Pick<ProviderOptions, 'url' | 'document' | 'autoConnect'> {
  readonly scope?: string;
  readonly name?: string;
}

/** What a test sees of a provider. */
interface Seen {
  readonly text: string;
  readonly status: string;
  readonly unsaved: number;
  readonly keeping: string;
  readonly clientId: number;
  readonly replaced: readonly string[];
  readonly rejected: readonly string[];
}

declare global {
  interface Window {
    readonly offline: typeof offline;
  }
}

let provider: CoscribeProvider | undefined;
const replaced: ReplacedCopy[] = [];
const rejected: string[] = [];

function current(): CoscribeProvider {
  if (provider === undefined) throw new Error('no document is open');
  return provider;
}

function isHere(key: IDBValidKey | undefined): boolean {
  return Array.isArray(key) && key[2] === current().document;
}

/** One document at a time, driven from a test. */
const offline = {
  async open({ scope, name, ...options }: Given): Promise<void> {
    const keep = { ...(scope !== undefined && { scope }), ...(name !== undefined && { name }) };
    provider = new CoscribeProvider({ ...options, offline: keepOffline(keep) });
    provider.on('replaced', (copy) => replaced.push(copy));
    provider.on('rejected', ({ code }, { inserted }) => rejected.push(`${code}: ${inserted.join('|')}`));
    await provider.whenLoaded();
  },

  /** Fulfils once it is on the disk. */
  async type(words: string): Promise<void> {
    const text = current().doc.getText('text');
    text.insert(text.length, words);
    const isKept = async () => (await offline.unsavedRows()).some((row) => row.includes(words));
    // What is saved at once may never have been written.
    while (current().unsavedChanges > 0 && !(await isKept()));
  },

  connect: () => current().connect(),
  disconnect: () => current().disconnect(),
  destroy: () => current().destroy(),
  forget: () => current().forget(),
  forgetAll: (scope: string) => forgetOffline({ scope }),
  whenSaved: () => current().whenSaved(),

  state(): Seen {
    const { doc, status, unsavedChanges, keeping } = current();
    return {
      text: doc.getText('text').toString(),
      status,
      unsaved: unsavedChanges,
      keeping,
      clientId: doc.clientID,
      replaced: replaced.map(({ text, edits }) => `${text} / ${edits?.inserted.join('|') ?? ''}`),
      rejected: [...rejected],
    };
  },

  /** What is kept of the document and not saved, as text to look for things in. */
  async unsavedRows(): Promise<string[]> {
    const database = await openDB('coscribe');
    const keys = await database.getAllKeys('unsaved');
    const rows = (await database.getAll('unsaved')) as { readonly update: Uint8Array }[];
    database.close();
    return rows.flatMap(({ update }, at) => (isHere(keys[at]) ? new TextDecoder().decode(update) : []));
  },

  /** How many things are kept of the document, by store. */
  async kept(name = 'coscribe'): Promise<Record<string, number>> {
    const database = await openDB(name);
    const counts: Record<string, number> = {};
    for (const store of database.objectStoreNames)
      counts[store] = (await database.getAllKeys(store)).filter(isHere).length;
    database.close();
    return counts;
  },

  /** Takes a database for a release to come. */
  async upgrade(name: string): Promise<void> {
    (await openDB(name, 99)).close();
  },

  async locks(): Promise<number> {
    const { held = [], pending = [] } = await navigator.locks.query();
    return held.length + pending.length;
  },
};

Object.assign(window, { offline });
