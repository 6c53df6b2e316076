import { describe, expect, test } from '@jest/globals';
import { type Arrival, TrustedProxies } from '../../../server/edge/client-address.js';

const proxies = new TrustedProxies(['10.0.0.0/8', '192.0.2.1', '2001:db8:ffff::/48']);

function from(
  remoteAddress: string | undefined,
  headers: Arrival['headers'] = {},
  encrypted = false,
): Arrival {
  return { headers: { host: 'notes.example', ...headers }, socket: { remoteAddress, encrypted } };
}

describe('where a request comes from', () => {
  test.each([
    ['from nobody who is trusted', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['one proxy', '10.1.2.3', '203.0.113.7', '203.0.113.7'],
    ['one proxy over IPv6 sockets', '::ffff:10.1.2.3', '203.0.113.7', '203.0.113.7'],
    ['a proxy with an IPv6 address', '2001:db8:ffff::9', '2001:db8::7', '2001:db8::7'],
    ['two proxies', '10.1.2.3', '203.0.113.7, 192.0.2.1', '203.0.113.7'],
    ['with a lie in front', '10.1.2.3', '127.0.0.1, 203.0.113.7', '203.0.113.7'],
    [
      'with a proxy that is not trusted in between',
      '10.1.2.3',
      '1.1.1.1, 198.51.100.9, 10.9.9.9',
      '198.51.100.9',
    ],
    ['with a port', '10.1.2.3', '203.0.113.7:5000', '203.0.113.7'],
    ['in IPv6 with a port', '10.1.2.3', '[2001:db8::7]:5000', '2001:db8::7'],
    ['named in IPv6 form', '10.1.2.3', '::ffff:203.0.113.7', '203.0.113.7'],
    ['all trusted', '10.1.2.3', '10.0.0.9, 10.0.0.8', '10.0.0.9'],
    ['nobody named', '10.1.2.3', '', '10.1.2.3'],
    ['junk named', '10.1.2.3', 'unknown', '10.1.2.3'],
    ['junk behind a trusted one', '10.1.2.3', '203.0.113.7, junk, 10.0.0.8', '10.0.0.8'],
  ])('[EDGE1] %s', (_, peer, forwarded, address) => {
    expect(proxies.clientOf(from(peer, { 'x-forwarded-for': forwarded })).address).toBe(address);
  });

  test('[EDGE1] headers that no proxy writes never throw', () => {
    for (const header of [
      ',',
      ',,,,',
      '[',
      ']:',
      '%',
      '\u0000',
      'a'.repeat(16_000),
      ', '.repeat(8_000),
      '1.1.1.1,'.repeat(2_000),
    ])
      for (const peer of ['10.1.2.3', '203.0.113.7', '', undefined, 'junk'])
        expect(
          proxies.clientOf(
            from(peer, {
              'x-forwarded-for': header,
              'x-forwarded-proto': header,
              'x-forwarded-host': header,
            }),
          ).secure,
        ).toBe(false);
    expect(
      proxies.clientOf({
        headers: { 'x-forwarded-for': ['1.1.1.1', '203.0.113.7'] as never },
        socket: { remoteAddress: '10.0.0.1' },
      }).address,
    ).toBe('203.0.113.7');
  });

  test('[EDGE1] scheme and host are believed of a trusted proxy only, the nearest one', () => {
    const headers = { 'x-forwarded-proto': 'http, https', 'x-forwarded-host': 'a.example, b.example' };
    expect(proxies.clientOf(from('10.1.2.3', headers))).toMatchObject({ secure: true, host: 'b.example' });
    expect(proxies.clientOf(from('203.0.113.7', headers))).toMatchObject({
      secure: false,
      host: 'notes.example',
    });
    expect(proxies.clientOf(from('203.0.113.7', headers, true))).toMatchObject({ secure: true });
    expect(proxies.clientOf(from('10.1.2.3', { 'x-forwarded-proto': 'https, http' })).secure).toBe(false);
    expect(proxies.clientOf(from('10.1.2.3')).host).toBe('notes.example');
  });

  test('[EDGE1] without trusted proxies nothing is believed', () => {
    const none = new TrustedProxies([]);
    const client = none.clientOf(from('127.0.0.1', { 'x-forwarded-for': '203.0.113.7' }));
    expect(client).toEqual({
      address: '127.0.0.1',
      viaProxy: false,
      isProxy: false,
      secure: false,
      host: 'notes.example',
    });
  });
});
