import { expect, test } from '@jest/globals';
import { BusOpenError } from '../../../server/cluster/bus-open-error.js';
import { checkRedisUrls, describeAddress, parseRedisUrls } from '../../../server/cluster/redis-url.js';

const PLAIN = { port: 6379, tls: false, username: undefined, password: undefined, database: 0 };

test('[BUS8] an address names scheme, user, password, host, port and database', () => {
  expect(parseRedisUrls('redis://redis')).toEqual([{ ...PLAIN, host: 'redis' }]);
  expect(parseRedisUrls('redis://localhost:7000/')).toEqual([{ ...PLAIN, host: 'localhost', port: 7000 }]);
  expect(parseRedisUrls('rediss://ada:p%40ss%2C@[::1]:7001/3')).toEqual([
    { host: '::1', port: 7001, tls: true, username: 'ada', password: 'p@ss,', database: 3 },
  ]);
  expect(parseRedisUrls('redis://:secret@h')).toEqual([{ ...PLAIN, host: 'h', password: 'secret' }]);
  expect(parseRedisUrls(' redis://a:1 , redis://b:2,')).toEqual([
    { ...PLAIN, host: 'a', port: 1 },
    { ...PLAIN, host: 'b', port: 2 },
  ]);
  expect(checkRedisUrls('redis://redis')).toBeUndefined();
  expect(parseRedisUrls('rediss://u:p@[::1]:7/0').map(describeAddress)).toEqual(['rediss://[::1]:7']);
});

test('[BUS8] an address of another form is refused with a sentence that names no password', () => {
  const wrong: readonly [url: string, says: string][] = [
    ['', 'empty'],
    [' , ', 'empty'],
    ['hunter2', 'no URL'],
    ['localhost:6379', '"localhost:"'],
    ['http://u:hunter2@h', '"http:"'],
    ['redis://u:hunter2@', 'no URL'],
    ['redis:', 'no host'],
    ['redis:///1', 'no host'],
    ['redis://u:hunter2@h:99999', 'no URL'],
    ['redis://u:hunter2@h/name', 'path'],
    ['redis://u:hunter2@h/1/2', 'path'],
    ['redis://h?password=hunter2', '"?"'],
    ['redis://h#hunter2', '"#"'],
    ['redis://u:hunter2%@h', '"%"'],
    ['redis://u:hunter2@a,redis://u:hunter3@b', 'differ'],
    ['redis://a,rediss://b', 'differ'],
    ['redis://a/1,redis://b/1', 'database 0 only'],
  ];
  for (const [url, says] of wrong) {
    const sentence = checkRedisUrls(url);
    expect([url, sentence]).toEqual([url, expect.stringContaining(says)]);
    expect(sentence).not.toContain('hunter');
    expect(() => parseRedisUrls(url)).toThrow(BusOpenError);
  }
});
