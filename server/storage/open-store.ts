import { randomUUID } from 'node:crypto';
import { MemoryStore } from './memory-store.js';
import { POSTGRES_FORM } from './postgres-address.js';
import { PostgresStore } from './postgres-store.js';
import { SqliteStore } from './sqlite-store.js';
import type { DocumentStore } from './store.js';
import { StoreOpenError } from './store-open-error.js';

const FORMS = `Give "sqlite:FILE" to keep documents in a file, "${POSTGRES_FORM}" to keep them in a database that several nodes can use, or "memory:" to keep them until the server stops.`;

/**
 * Opens the store that an address names: `memory:`, `sqlite:FILE` or `postgres://…`. A file that does not exist is
 * created, its folder too, and so are tables in a database that has none; what is there and is not a healthy store of
 * this version is left as it is.
 *
 * @throws StoreOpenError with what the operator has to do
 */
export async function openStore(url: string): Promise<DocumentStore> {
  const colon = url.indexOf(':');
  const scheme = url.slice(0, Math.max(colon, 0));
  const rest = url.slice(colon + 1);
  switch (scheme) {
    case 'memory':
      if (rest !== '') throw new StoreOpenError(`"memory:" takes nothing after the colon. ${FORMS}`);
      return new MemoryStore(randomUUID);
    case 'sqlite':
      if (rest === '' || rest.startsWith(':') || rest.includes('\0')) {
        throw new StoreOpenError(`"sqlite:" names no file. ${FORMS}`);
      }
      return await SqliteStore.open(rest);
    case 'postgres':
    case 'postgresql':
      return await PostgresStore.open(url);
    case '':
      throw new StoreOpenError(`The address of the store has no scheme. ${FORMS}`);
    default:
      // The rest of an address may hold a password: name the scheme only.
      throw new StoreOpenError(`There is no store of the kind "${scheme}:". ${FORMS}`);
  }
}
