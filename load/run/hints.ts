import type { LoadOptions } from '../options/options.js';
import type { ProtocolName } from '../plan.js';

/** What was tried: what can be done about it depends on that. */
export type Tried = Pick<LoadOptions, 'protocol' | 'token'>;

/** Where a Coscribe node lets clients of each protocol in. */
export const ENTRANCES: Readonly<Record<ProtocolName, string>> = {
  coscribe: '',
  'y-socket.io': '',
  'y-websocket': '/yjs',
  hocuspocus: '/hocuspocus',
};

/** What to do about each way in which nobody gets in; the first that fits. */
const HINTS: readonly (readonly [RegExp, (tried: Tried) => string])[] = [
  [/ECONNREFUSED/, () => 'No server listens there: start it first, or check host and port.'],
  [/ENOTFOUND|EAI_AGAIN/, () => 'There is no host of that name: check the address.'],
  [
    /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|no answer|silent/,
    () => 'Check the address, and whether a firewall lies in between.',
  ],
  [
    /too-many-connections|429/,
    () =>
      'All clients come from one address: start the servers with --max-connections-per-address (and, with tokens, --max-connections-per-user) above the number of clients.',
  ],
  [
    /token-expired/,
    () => 'The token has expired: give one that lasts longer than the run (coscribe token --expires).',
  ],
  [
    /unauthenticated|token|401/,
    ({ token }) =>
      token === undefined
        ? 'This server asks for a token: --token TOKEN, or COSCRIBE_TOKEN.'
        : 'This server does not take the token that was given (--token, or COSCRIBE_TOKEN): it may have expired, or be for another server.',
  ],
  [
    /no-access|not-allowed|read-only|403/,
    () => 'The token must let its owner write in the documents: choose where they are made with --workspace.',
  ],
  [
    /HTTP|namespace|handshake|not-coscribe|protocol|document is named|message/i,
    ({ protocol }) =>
      `Is it a server that speaks the protocol of ${protocol}? A Coscribe node does at ${entrance(protocol)}. Check the address and its path, or choose another --protocol.`,
  ],
];

/** The sentence, and what can be done about it if that is known. */
export function hinted(sentence: string, tried: Tried): string {
  const hint = HINTS.find(([what]) => what.test(sentence))?.[1](tried);
  return hint === undefined ? sentence : `${sentence} ${hint}`;
}

function entrance(protocol: ProtocolName): string {
  const path = ENTRANCES[protocol];
  return path === '' ? 'its address alone, without a path' : `the path ${path}, as in ws://HOST${path}`;
}
