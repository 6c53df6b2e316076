import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { keepOffline } from '../../client/offline/keep-offline.js';
import { CoscribeProvider } from '../../client/provider.js';
import type { ProviderOptions } from '../../client/provider-options.js';
import { FakeChannel } from '../support/fake-channel.js';

function open(options: Record<string, unknown>): CoscribeProvider {
  const channel = new FakeChannel();
  const all = { document: 'acme/notes', connectChannel: channel.connect, ...options };
  return new CoscribeProvider(all as unknown as ProviderOptions);
}

describe('options that make no sense', () => {
  test.each<[string, Record<string, unknown>, string]>([
    [
      'a text for a document',
      { doc: new Y.Doc().getText('text') },
      '`doc` has to be a Y.Doc, of the only copy of yjs',
    ],
    ['null for a document', { doc: null }, 'has no option "doc" of type null'],
    ['an address without http', { url: 'wss://server.example' }, 'begins with "http://" or "https://"'],
    ['half an address', { url: 'server.example' }, 'begins with "http://" or "https://"'],
    ['an address with a path', { url: 'https://server.example/base' }, 'has no path, which goes into `path`'],
    ['a path without a slash', { path: 'socket.io' }, 'begins with "/"'],
    [
      'a token that is none',
      { token: 7 },
      'no option "token" of type number; its options are {"document":"string",',
    ],
    ['a token function that is none', { getToken: 'token' }, 'no option "getToken" of type string'],
    ['true for offline', { offline: true }, 'no option "offline" of type boolean'],
    [
      'what makes a copy, and was not called',
      { offline: keepOffline },
      '`offline` takes what `keepOffline()` returns',
    ],
    ['a name that is none', { tokn: 'token' }, 'CoscribeProvider has no option "tokn" of type string'],
    ['the name of what every object has', { constructor: 'x' }, 'no option "constructor"'],
    ['a name for a person', { presence: 'Ada' }, 'no option "presence" of type string'],
  ])('[PROV46] are refused at once, with a sentence: %s', (_what, options, sentence) => {
    expect(() => open(options)).toThrow(TypeError);
    expect(() => open(options)).toThrow(sentence);
  });

  test('[PROV46] so is a document of a second copy of yjs, no document at all, and no options', () => {
    class Doc {
      readonly clientID = 1;
      readonly store = {};
    }
    expect(() => open({ doc: new Doc() })).toThrow('of the only copy of yjs that the page loads');
    for (const none of [undefined, null, 'acme/notes'])
      expect(() => new CoscribeProvider(none as never)).toThrow(
        new TypeError('CoscribeProvider takes an object with options.'),
      );
    expect(() => open({ document: undefined })).toThrow(
      expect.objectContaining({ code: 'invalid-document-id' }),
    );
  });

  test('[PROV46] so is no address where no page came from one', () => {
    for (const location of [undefined, new URL('file:///home/ada/page.html')]) {
      Object.assign(globalThis, { location });
      expect(() => new CoscribeProvider({ document: 'acme/notes' })).toThrow(
        new TypeError(
          '`url` begins with "http://" or "https://" and has no path, which goes into `path`. Only a page of that server needs none.',
        ),
      );
    }
    Object.assign(globalThis, { location: new URL('https://server.example:8443/page') });
    new CoscribeProvider({ document: 'acme/notes', autoConnect: false }).destroy();
    Reflect.deleteProperty(globalThis, 'location');
  });

  test('[PROV46] and those that make sense are taken', () => {
    const options = {
      url: 'https://server.example:8443/',
      presence: undefined,
      path: '/base/socket.io',
      token: 'token',
      getToken: () => 'x',
    };
    for (const [name, value] of Object.entries(options)) open({ [name]: value }).destroy();
  });
});
