import { describe, expect, test } from '@jest/globals';
import { Counts } from '../../../../load/generator/counts.js';
import { isGoodbye, nameOfError } from '../../../../load/generator/people/connection-error.js';
import { addressOf, pathAt } from '../../../../load/generator/people/target.js';
import { Problems } from '../../../../load/generator/problems.js';

describe('what goes wrong', () => {
  test.each([
    ['update: too-many-updates', { code: 'too-many-updates', retryable: true }, 'too-many-updates'],
    ['connect ECONNREFUSED 127.0.0.1:1', undefined, 'connection: ECONNREFUSED'],
    ['the server answered HTTP/1.1 404 Not Found', undefined, 'connection: HTTP 404'],
    [
      'the server answered HTTP/1.1 429 Too Many Requests (too-many-connections)',
      undefined,
      'connection: HTTP 429 too-many-connections',
    ],
    ['the server closed with 4404 no such document', undefined, 'connection: closed with 4404'],
    ['the server closed the connection', undefined, 'connection: closed by the server'],
    ['silent', undefined, 'connection: silent'],
  ])('[LOADGEN18] %s has a name that is counted', (reason, why, name) => {
    expect(nameOfError(reason, why)).toBe(name);
  });

  test.each([
    ['bye: shutting-down', { code: 'shutting-down', retryable: true, afterMs: 120 }, true],
    ['the server closed with 1012 shutting-down: It is about to stop.', undefined, true],
    ['the server closed with 4205 shutting-down: It is about to stop.', undefined, true],
    ['the server answered HTTP/1.1 503 Service Unavailable (shutting-down)', undefined, true],
    ['the server answered HTTP/1.1 503 Service Unavailable (server-busy)', undefined, false],
    ['the server closed with 1011 shutting-down', undefined, false],
    ['the server closed the connection', undefined, false],
    ['bye: no-access', { code: 'no-access', retryable: false, afterMs: -1 }, false],
  ])('[LOAD21] %s: whether the server is about to stop', (reason, why, is) => {
    expect(isGoodbye(reason, why)).toBe(is);
  });

  test('[LOADGEN18] different errors are counted apart up to a bound, over all samples', () => {
    const counts = new Counts();
    for (let i = 0; i < 80; i++) counts.error(`error ${i}`);
    counts.error('error 3');
    expect(counts.errors.size).toBe(51);
    expect(counts.errors.get('others')).toBe(30);
    expect(counts.errors.get('error 3')).toBe(2);
    counts.reset();
    counts.error('error 79', 'the last one, at length');
    expect([...counts.errors]).toEqual([['others', 1]]);
    expect(counts.lastError).toBe('the last one, at length');
  });

  test('[LOADGEN18] of each kind the first problems are told, each once, and how many more there were; the gravest first', () => {
    const problems = new Problems();
    for (let i = 0; i < 120; i++) problems.add('differs', 'a/b', `sentence ${i}`);
    problems.add('differs', 'a/b', 'sentence 1');
    problems.add('acked-lost', 'a/b', 'lost');
    const list = problems.list();
    expect(list).toHaveLength(1 + 16 + 1);
    expect(list[0]).toEqual({ kind: 'acked-lost', document: 'a/b', message: 'lost' });
    expect(list.at(-1)?.message).toBe('and 104 more of the kind "differs".');
  });
});

describe('where a server is', () => {
  test('[LOADGEN19] address, port and path come from the URL', () => {
    expect(addressOf({ url: 'http://host:81/yjs/' })).toMatchObject({ host: 'host', port: 81, base: '/yjs' });
    expect(addressOf({ url: 'https://[::1]' })).toMatchObject({
      host: '::1',
      port: 443,
      tls: true,
      base: '',
    });
    expect(pathAt(addressOf({ url: 'http://h/yjs' }), '/a/b')).toBe('/yjs/a/b');
    expect(pathAt(addressOf({ url: 'http://h/hocuspocus' }), '/')).toBe('/hocuspocus');
    expect(pathAt(addressOf({ url: 'http://h' }), '/')).toBe('/');
  });
});
