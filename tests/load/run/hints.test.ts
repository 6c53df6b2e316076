import { describe, expect, test } from '@jest/globals';
import { hinted } from '../../../load/run/hints.js';

const TRIED = { protocol: 'coscribe' } as const;

describe('what to do when nobody gets in', () => {
  test.each([
    ['connect ECONNREFUSED 127.0.0.1:9', 'start it first'],
    ['getaddrinfo ENOTFOUND nohost.invalid', 'check the address'],
    ['connect ETIMEDOUT 10.0.0.1:80', 'firewall'],
    ['connection: no answer', 'firewall'],
    ['connection: HTTP 429 too-many-connections', '--max-connections-per-address'],
    ['unauthenticated: A valid token is needed here', 'asks for a token: --token'],
    ['no-access: There is no such document', '--workspace'],
    ['the server answered HTTP/1.0 404 File not found', 'protocol of coscribe'],
    ['Invalid namespace', 'protocol of coscribe'],
    ['the server closed with 4400 A document is named "{workspace}/{name}"', 'without a path'],
  ])('[LOAD11] %s', (sentence, hint) => {
    const told = hinted(sentence, TRIED);
    expect(told.startsWith(`${sentence} `)).toBe(true);
    expect(told).toContain(hint);
  });

  test('[LOAD11] a token that was given and is not taken is not asked for', () => {
    const told = hinted('Nobody got into a document: unauthenticated.', { ...TRIED, token: 'bad' });
    expect(told).toContain('does not take the token that was given');
    expect(told).not.toContain('asks for a token');
  });

  test.each([
    ['y-websocket', 'ws://HOST/yjs'],
    ['hocuspocus', 'ws://HOST/hocuspocus'],
    ['y-socket.io', 'its address alone, without a path'],
  ] as const)('[LOAD11] where a node of ours lets clients of %s in is named', (protocol, where) => {
    expect(hinted('the server answered HTTP/1.1 404 Not Found', { protocol })).toContain(where);
  });

  test('[LOAD11] nothing is added where nothing is known', () => {
    expect(hinted('It rains.', TRIED)).toBe('It rains.');
  });
});
