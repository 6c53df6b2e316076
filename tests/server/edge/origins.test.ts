import { describe, expect, test } from '@jest/globals';
import type { Client } from '../../../server/edge/client-address.js';
import { isPreflight, Origins } from '../../../server/edge/origins.js';
import { CoscribeError } from '../../../shared/errors.js';

const CLIENT: Client = {
  address: '203.0.113.7',
  viaProxy: false,
  isProxy: false,
  secure: false,
  host: 'notes.example:8080',
};

function verdict(
  headers: Record<string, string>,
  {
    client = {},
    allowedOrigins = [],
    localOnly = false,
  }: { client?: Partial<Client>; allowedOrigins?: string[]; localOnly?: boolean } = {},
): string {
  try {
    return new Origins({ allowedOrigins, localOnly }).check(headers, { ...CLIENT, ...client });
  } catch (error) {
    return error instanceof CoscribeError ? error.code : 'something else';
  }
}

describe("a page's origin", () => {
  test.each([
    ['the server itself', 'http://notes.example:8080', {}, 'own'],
    ['the server behind a proxy that ends TLS', 'https://notes.example:8080', {}, 'own'],
    ['another port', 'http://notes.example:8081', {}, 'origin-refused'],
    ['no port', 'http://notes.example', {}, 'origin-refused'],
    ['another name', 'http://evil.example:8080', {}, 'origin-refused'],
    ['a name that begins alike', 'http://notes.example:8080.evil.example', {}, 'origin-refused'],
    ['a name below', 'http://a.notes.example:8080', {}, 'origin-refused'],
    ['upper case, which browsers never send', 'http://NOTES.example:8080', {}, 'origin-refused'],
    ['a path', 'http://notes.example:8080/', {}, 'origin-refused'],
    ['a user', 'http://a@notes.example:8080', {}, 'origin-refused'],
    ['another scheme', 'ftp://notes.example:8080', {}, 'origin-refused'],
    ['a file or a sandbox', 'null', {}, 'origin-refused'],
    ['nothing', '', {}, 'origin-refused'],
    ['junk', '::::', {}, 'origin-refused'],
    ['two', 'http://notes.example:8080, http://evil.example', {}, 'origin-refused'],
    [
      'TLS where the host has no port',
      'https://notes.example',
      { host: 'notes.example', secure: true },
      'own',
    ],
    [
      'TLS where the host has its port',
      'https://notes.example',
      { host: 'notes.example:443', secure: true },
      'own',
    ],
    [
      'no TLS, of a server with TLS',
      'http://notes.example',
      { host: 'notes.example', secure: true },
      'origin-refused',
    ],
    ['a host in upper case', 'http://notes.example', { host: 'NOTES.example' }, 'own'],
    ['a request without host', 'http://notes.example', { host: undefined }, 'origin-refused'],
    ['a host that is junk', 'http://notes.example', { host: 'a b' }, 'origin-refused'],
    ['a host with a path', 'http://notes.example', { host: 'notes.example/x' }, 'own'],
  ] as [string, string, Partial<Client>, string][])('[EDGE2] of %s', (_, origin, client, expected) => {
    expect(verdict({ origin }, { client })).toBe(expected);
  });

  test('[EDGE2] is allowed if it is listed, exactly', () => {
    const allowedOrigins = ['https://app.example', 'http://localhost:3000'];
    expect(verdict({ origin: 'https://app.example' }, { allowedOrigins })).toBe('listed');
    expect(verdict({ origin: 'http://localhost:3000' }, { allowedOrigins })).toBe('listed');
    for (const origin of ['http://app.example', 'https://app.example:444', 'https://x.app.example', 'null'])
      expect(verdict({ origin }, { allowedOrigins })).toBe('origin-refused');
    for (const origin of ['https://anything.example', 'null', 'junk'])
      expect(verdict({ origin }, { allowedOrigins: ['*'] })).toBe('any');
  });

  test('[EDGE3] whoever names none is let in, unless the browser says that it is a foreign page', () => {
    expect(verdict({})).toBe('none');
    expect(verdict({ 'sec-fetch-site': 'same-origin' })).toBe('none');
    expect(verdict({ 'sec-fetch-site': 'none' })).toBe('none');
    expect(verdict({ 'sec-fetch-site': 'cross-site' })).toBe('origin-refused');
    expect(verdict({ 'sec-fetch-site': 'same-site' })).toBe('origin-refused');
    expect(verdict({ 'sec-fetch-site': 'cross-site' }, { allowedOrigins: ['*'] })).toBe('any');
  });

  test.each([
    ['localhost:8080', 'own'],
    ['a.localhost:8080', 'own'],
    ['127.0.0.1:8080', 'own'],
    ['[::1]:8080', 'own'],
    ['192.168.1.5', 'own'],
    ['evil.example:8080', 'origin-refused'],
    ['localhost.evil.example', 'origin-refused'],
    ['127.0.0.1.evil.example', 'origin-refused'],
  ])('[EDGE4] where everybody is let in, a page under %s: %s', (host, expected) => {
    const origin = `http://${host}`;
    expect(verdict({ origin }, { client: { host }, localOnly: true })).toBe(expected);
    expect(verdict({}, { client: { host }, localOnly: true })).toBe(expected === 'own' ? 'none' : expected);
  });

  test('[EDGE4] … or under a name that is listed, or that a trusted proxy gives', () => {
    const host = 'notes.example:8080';
    const origin = `http://${host}`;
    expect(verdict({ origin }, { localOnly: true, allowedOrigins: [origin] })).toBe('own');
    expect(verdict({ origin }, { localOnly: true, client: { viaProxy: true } })).toBe('own');
  });
});

describe('what a page of another origin may read', () => {
  const origin = 'https://app.example';

  test('[EDGE5] is told to it by name, with cookies if it is listed, without if all are allowed', () => {
    const listed = new Origins({ allowedOrigins: [origin], localOnly: false });
    expect(listed.corsHeaders('listed', origin)).toMatchObject({
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Credentials': 'true',
      Vary: 'Origin',
    });
    const all = new Origins({ allowedOrigins: ['*'], localOnly: false });
    const headers = all.corsHeaders('any', origin);
    expect(headers).toMatchObject({ 'Access-Control-Allow-Origin': '*', Vary: 'Origin' });
    expect(headers).not.toHaveProperty('Access-Control-Allow-Credentials');
  });

  test('[EDGE5] nothing is said to pages of the server itself, or where nobody is listed', () => {
    const none = new Origins({ allowedOrigins: [], localOnly: false });
    expect(none.corsHeaders('own', 'https://notes.example')).toEqual({});
    expect(none.corsHeaders('none', undefined)).toEqual({});
    const listed = new Origins({ allowedOrigins: [origin], localOnly: false });
    expect(listed.corsHeaders('none', undefined)).toEqual({ Vary: 'Origin' });
  });

  test('[EDGE5] a preflight is an OPTIONS request with an origin that asks for a method', () => {
    const headers = { origin, 'access-control-request-method': 'POST' };
    expect(isPreflight('OPTIONS', headers)).toBe(true);
    expect(isPreflight('GET', headers)).toBe(false);
    expect(isPreflight('OPTIONS', { origin })).toBe(false);
  });
});
