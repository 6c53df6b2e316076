import { expect, test } from '@jest/globals';
import { readAddressRange, readOrigin } from '../../../server/config/addresses.js';

test.each([
  ['*', '*'],
  ['https://example.com', 'https://example.com'],
  ['HTTPS://Example.COM', 'https://example.com'],
  ['https://example.com:443', 'https://example.com'],
  ['http://example.com:8080', 'http://example.com:8080'],
  ['http://[::1]:3000', 'http://[::1]:3000'],
  ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ['capacitor://localhost', 'capacitor://localhost'],
  ['chrome-extension://abcdef', 'chrome-extension://abcdef'],
])('[CONF8] the origin %s is read as %s', (raw, origin) => {
  expect(readOrigin(raw)).toBe(origin);
});

test.each(
  ['', 'null', 'example.com', '//example.com', 'https://', 'https://a.example/', 'https://a.example/path']
    .concat(['https://*.a.example', 'https://a.example?x', 'https://a.example#x', 'https://u:p@a.example'])
    .concat(['https://a b', 'https://a.example:99999', 'javascript:alert(1)']),
)('[CONF8] "%s" is no origin', (raw) => {
  expect(readOrigin(raw)).toBeUndefined();
});

test.each(['127.0.0.1', '10.0.0.0/8', '0.0.0.0/0', '::1', 'fd00::/8', '2001:db8::1/128'])(
  '[CONF8] %s is an address or a range',
  (raw) => {
    expect(readAddressRange(raw)).toBe(raw);
  },
);

test.each([
  '',
  'proxy',
  '10.0.0',
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/8/8',
  '10.0.0.0/-1',
  '::/129',
  '::/x',
])('[CONF8] "%s" is no address and no range', (raw) => {
  expect(readAddressRange(raw)).toBeUndefined();
});
