import { describe, expect, test } from '@jest/globals';
import { countedAddress, isLoopbackAddress, normalAddress } from '../../../server/edge/addresses.js';

describe('an address', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    [' 203.0.113.7 ', '203.0.113.7'],
    ['203.0.113.7:4711', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['[::ffff:203.0.113.7]:80', '203.0.113.7'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
  ])('[EDGE1] %s is %s', (raw, normal) => {
    expect(normalAddress(raw)).toBe(normal);
  });

  test.each([
    '',
    'unknown',
    '_hidden',
    '203.0.113',
    '203.0.113.7.8',
    '1.2.3.4:123456',
    '[',
    '[]',
    '[::1',
    ':::',
    '::1]:80',
    'a'.repeat(100_000),
    '0x7f.1',
    '2130706433',
    '203.0.113.7\r\n',
  ])('[EDGE1] "%s" is none', (raw) => {
    // White space around an address is what headers have.
    expect(normalAddress(raw)).toBe(raw === '203.0.113.7\r\n' ? '203.0.113.7' : undefined);
  });

  test('[EDGE1] is of this machine or not', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1'].every(isLoopbackAddress)).toBe(true);
    expect(['128.0.0.1', '::2', '10.127.0.1', ''].some(isLoopbackAddress)).toBe(false);
  });

  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1::2:3:4:5:6', '1:0:0:2::/64'],
  ])('[EDGE1] %s is counted as %s', (address, counted) => {
    expect(countedAddress(address)).toBe(counted);
  });
});
