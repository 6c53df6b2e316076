import { readCount, readUrl } from '../../tools/command-line/quantities.js';
import { UsageError } from '../../tools/usage-error.js';
import type { ServersOption } from './options.js';

interface Given {
  readonly nodes: string | undefined;
  readonly proxy: boolean;
  readonly start: string | undefined;
}

const MAX_NODES = 32;

/** What is to be driven: addresses, or what has to be started. @throws UsageError */
export function readServers(given: Given, urls: readonly string[]): ServersOption {
  const { nodes, proxy, start } = given;
  if (urls.length > 0) {
    const own =
      nodes !== undefined ? '--nodes' : start !== undefined ? '--start' : proxy ? '--proxy' : undefined;
    if (own !== undefined)
      throw new UsageError(`${own} starts servers; it can't be given together with the address ${urls[0]}.`);
    return { kind: 'urls', urls: urls.map(readTarget) };
  }
  if (proxy && nodes === undefined)
    throw new UsageError('--proxy stands in front of several nodes: --nodes 3 --proxy.');
  if (start?.trim() === '') throw new UsageError('--start is a command such as "node server.js".');
  return {
    kind: 'own',
    nodes: readCount('--nodes', nodes ?? '1', 1, MAX_NODES),
    cluster: nodes !== undefined,
    proxy,
    ...(start === undefined ? {} : { command: start }),
  };
}

function readTarget(raw: string): string {
  // Whoever names a file after --json without "=" has it here.
  if (/\.json$/i.test(raw) && !raw.includes('//'))
    throw new UsageError(`"${raw}" is no address; for a file write --json=${raw}.`);
  const url = readUrl('URL', /^wss?:\/\//.test(raw) ? raw.replace(/^ws/, 'http') : raw);
  if (url.search !== '')
    throw new UsageError(
      `The address ${url.origin} must hold no query, as it is told in reports; tokens go into --token.`,
    );
  url.hash = '';
  return url.href.replace(/\/$/, '');
}
