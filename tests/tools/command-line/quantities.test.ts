import { writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readCount, readDuration, readSize, readUrl } from '../../../tools/command-line/quantities.js';
import { readToken } from '../../../tools/command-line/read-token.js';
import { temporaryFolder } from '../../support/folder.js';

describe('quantities', () => {
  test.each([
    ['60', 60_000],
    ['500ms', 500],
    ['1.5s', 1_500],
    ['10m', 600_000],
    ['10 min', 600_000],
    ['2H', 7_200_000],
    ['7d', 604_800_000],
    ['.5s', 500],
  ])('[CLI7] %s is a time', (raw, ms) => {
    expect(readDuration('--for', raw)).toBe(ms);
  });

  test.each([
    ['4096', 4096],
    ['1k', 1024],
    ['1.5kB', 1536],
    ['10MB', 10_485_760],
    ['1GiB', 2 ** 30],
    ['7b', 7],
  ])('[CLI7] %s is a size', (raw, bytes) => {
    expect(readSize('--size', raw)).toBe(bytes);
  });

  test.each(['', '0', '-1s', '1e3', '5 weeks', 's', '1..5s', 'Infinity', '1h30m', '9999999999999999d'])(
    '[CLI7] "%s" is no time and no size',
    (raw) => {
      expect(() => readDuration('--for', raw)).toThrow(
        `--for is a time such as 30s, 10m or 1.5h, not "${raw}".`,
      );
      expect(() => readSize('--size', raw)).toThrow(`--size is a size such as 64k, 10M or 1G, not "${raw}".`);
    },
  );

  test('[CLI7] a number has bounds', () => {
    expect(readCount('--docs', '12', 1, 12)).toBe(12);
    for (const raw of ['0', '13', '1.5', 'x', ''])
      expect(() => readCount('--docs', raw, 1, 12)).toThrow(
        `--docs is a whole number from 1 to 12, not "${raw}".`,
      );
  });

  test('[CLI3] a token may be in a file, which is not repeated', () => {
    const folder = temporaryFolder();
    try {
      writeFileSync(folder.file('token'), 'secret\n');
      expect(readToken(`file:${folder.file('token')}`)).toBe('secret');
      expect([readToken('secret'), readToken(''), readToken(undefined)]).toEqual([
        'secret',
        undefined,
        undefined,
      ]);
      expect(() => readToken('file:/no/such')).toThrow("--token file:/no/such can't be read: ENOENT");
    } finally {
      folder.remove();
    }
  });

  test('[CLI7] an address is one of http or https', () => {
    expect(readUrl('--url', 'https://host/prefix').href).toBe('https://host/prefix');
    for (const raw of ['localhost', 'localhost:8080', 'ftp://host', ''])
      expect(() => readUrl('--url', raw)).toThrow(`--url must be an http or https address, not "${raw}".`);
  });
});
