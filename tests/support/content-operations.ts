import { expect } from '@jest/globals';
import * as Y from 'yjs';
import { type AccessOperation, type Attempt, outcome } from './access-attempts.js';
import { type ApiRequest, askApi } from './http-api.js';

/** Changes what is in it. @param text what it says then */
function changed(method: string, path: string, request: ApiRequest, text: string): Attempt {
  return async ({ document, token }) => {
    const done = outcome(await document.ask(method, path, { ...request, token }));
    if (done === 'ok') expect((await document.written()).text).toBe(text);
    return done;
  };
}

/** Reads what is in it. @param shown what the answer has */
function read(path: string, shown: string): Attempt {
  return async ({ document, token }) => {
    const answer = await document.ask('GET', path, { token });
    if (answer.code === undefined) expect(answer.text).toContain(shown);
    return outcome(answer);
  };
}

/** Gives it, or a copy of it, a name that nothing has. */
function named(action: 'copy' | 'move'): Attempt {
  return async ({ world, document, token }) =>
    outcome(await document.ask('POST', `/${action}`, { token, body: { to: world.newName() } }));
}

const JSON_PATCH: ApiRequest = {
  raw: JSON.stringify([{ op: 'replace', path: '/text', value: 'a text' }]),
  headers: { 'Content-Type': 'application/json-patch+json' },
};

/** Something that somebody has written at the beginning, without knowing what is there. */
function updateWith(words: string): Uint8Array<ArrayBuffer> {
  const doc = new Y.Doc();
  // Of two who write at the same place, the lower one's is first.
  doc.clientID = 1 + Math.floor(Math.random() * 100);
  doc.getText('text').insert(0, words);
  return new Uint8Array(Y.encodeStateAsUpdate(doc));
}

/** What can be done over HTTP with what is in a document. */
export const CONTENT_OPERATIONS = {
  'read its text over HTTP': { protocol: 'HTTP', needs: 'read', attempt: read('/text', 'text') },
  'read its state over HTTP': { protocol: 'HTTP', needs: 'read', attempt: read('/state', 'text') },
  'read a text that is not there': {
    protocol: 'HTTP',
    needs: 'read',
    attempt: async ({ world, token }) =>
      outcome(await askApi(world.url, 'GET', `documents/${world.newName()}/text`, { token })),
  },
  'replace its text': {
    protocol: 'HTTP',
    needs: 'edit',
    attempt: changed('PUT', '/text', { raw: 'texts' }, 'texts'),
  },
  'continue its text': {
    protocol: 'HTTP',
    needs: 'edit',
    attempt: changed('POST', '/text', { raw: '!' }, 'text!'),
  },
  'patch its text': {
    protocol: 'HTTP',
    needs: 'edit',
    attempt: changed('PATCH', '/text', { body: [{ insert: 'a ' }] }, 'a text'),
  },
  'patch its JSON': {
    protocol: 'HTTP',
    needs: 'edit',
    attempt: changed('PATCH', '/json', JSON_PATCH, 'a text'),
  },
  'send an update over HTTP': {
    protocol: 'HTTP',
    needs: 'edit',
    attempt: async (visit) => changed('POST', '/updates', { raw: updateWith('a ') }, 'a text')(visit),
  },
  'write a text that is not there': {
    protocol: 'HTTP',
    needs: 'edit',
    attempt: async ({ world, token }) =>
      outcome(await askApi(world.url, 'PUT', `documents/${world.newName()}/text`, { token, raw: 'a' })),
  },
  'copy it': { protocol: 'HTTP', needs: 'create', attempt: named('copy') },
  'move it': { protocol: 'HTTP', needs: 'move', attempt: named('move') },
} as const satisfies Record<string, AccessOperation>;
