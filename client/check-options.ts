import * as Y from 'yjs';
import { checkKinds, type OptionKinds } from '../shared/option-kinds.js';
import type { ProviderOptions } from './provider-options.js';

const KINDS: OptionKinds<ProviderOptions> = {
  document: 'string',
  url: 'string',
  path: 'string',
  doc: 'object',
  token: 'string',
  getToken: 'function',
  presence: 'object',
  autoConnect: 'boolean',
  offline: 'function',
  connectChannel: 'function',
  clock: 'object',
  random: 'function',
};

/**
 * Says what is wrong with options that nothing has checked: most applications are written in JavaScript.
 *
 * @throws TypeError
 */
export function checkOptions(options: ProviderOptions): void {
  checkKinds('CoscribeProvider', options, KINDS);
  const { doc, connectChannel, path } = options;
  const url = options.url ?? (connectChannel === undefined ? `${globalThis.location?.origin}` : undefined);
  // Each copy of yjs has a class of its own.
  if (doc !== undefined && !(doc instanceof Y.Doc))
    throw new TypeError('`doc` has to be a Y.Doc, of the only copy of yjs that the page loads.');
  if (url !== undefined && !(URL.canParse(url) && /^https?:\/\/[^/?#]+\/?([?#]|$)/i.test(url)))
    throw new TypeError(
      '`url` begins with "http://" or "https://" and has no path, which goes into `path`. Only a page of that server needs none.',
    );
  if (path !== undefined && !path.startsWith('/'))
    throw new TypeError('`path` is the path of Socket.IO, and begins with "/".');
}
