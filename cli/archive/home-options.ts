import { parseDocumentId } from '../../shared/ids.js';
import type { OptionHelp } from '../../tools/command-line/option-help.js';
import { readUrl } from '../../tools/command-line/quantities.js';
import { readToken } from '../../tools/command-line/read-token.js';
import { UsageError } from '../../tools/usage-error.js';
import type { CommandIo } from '../command.js';
import { logTo } from '../log-to.js';
import { STORE_OPTION, storeOf } from '../store-option.js';
import type { WorkspaceHome } from './workspace-home.js';

/** Where the workspace is: options of both commands. */
export const HOME_OPTIONS = [
  { name: 'url', value: 'URL', help: 'A server that runs: http://localhost:8080.' },
  {
    name: 'token',
    value: 'TOKEN',
    help: 'Who one is there: a token that the server takes, or of a share link, or file:PATH. COSCRIBE_TOKEN; nobody if not given.',
  },
  {
    ...STORE_OPTION,
    help: 'A store that no server uses, instead: sqlite:FILE, postgres://USER:PASSWORD@HOST/DATABASE, or file:PATH of a file with that in it.',
  },
] as const satisfies readonly OptionHelp[];

export interface GivenHome {
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly store: string | undefined;
}

/** @throws UsageError, CommandError, StoreOpenError, ConfigError */
export async function openHome(
  { url, token, store }: GivenHome,
  { links, mayCreate }: { readonly links: boolean; readonly mayCreate: boolean },
  { env, stderr, signal }: Pick<CommandIo, 'env' | 'stderr' | 'signal'>,
): Promise<WorkspaceHome> {
  if ((url === undefined) === (store === undefined))
    throw new UsageError('Say where: --url of a server that runs, or --store of a store that none uses.');
  if (url !== undefined) {
    const { httpHome } = await import('./http-home.js');
    return httpHome({
      url: readUrl('--url', url),
      token: readToken(token ?? env.COSCRIBE_TOKEN),
      signal,
    });
  }
  const { storeHome } = await import('./store-home.js');
  return storeHome({ store: storeOf(store, env), links, mayCreate, env, log: logTo(stderr) });
}

/** @throws UsageError */
export function checkWorkspace(name: string): string {
  try {
    // It follows the rule of a name's part; any valid name makes a whole of it.
    parseDocumentId(`${name}/any`);
    return name;
  } catch {
    throw new UsageError(
      `The name of a workspace has 1 to 64 characters out of A-Z a-z 0-9 . _ - and does not start with a dot; "${name}" is none.`,
    );
  }
}
