import { OPTIONS } from '../server/config/options.js';
import { readStoreAddress } from '../server/storage/store-address.js';
import { UsageError } from '../tools/usage-error.js';
import type { CommandIo, OptionHelp } from './command.js';

const { store: STORE } = OPTIONS;

/** For commands that work on a store themselves. */
export const STORE_OPTION = {
  name: 'store',
  value: 'STORE',
  help: `The store: sqlite:FILE, postgres://USER:PASSWORD@HOST/DATABASE, or file:PATH of a file with that in it. ${STORE.env}, default ${STORE.default}.`,
} as const satisfies OptionHelp;

/**
 * The store that the server would use: the option, else `COSCRIBE_STORE`, else the server's default.
 *
 * @throws UsageError, StoreOpenError, without the address, which may hold a password
 */
export function storeOf(given: string | undefined, env: CommandIo['env']): string {
  const raw = given ?? (env[STORE.env] || STORE.default);
  const parsed = STORE.parse(raw);
  if ('value' in parsed) return readStoreAddress(parsed.value);
  throw new UsageError(`${given === undefined ? STORE.env : '--store'} ${parsed.problem}.`);
}
