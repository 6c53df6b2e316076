import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readOptions, USAGE } from '../../../tools/cluster/options.js';

describe('the options of npm run cluster', () => {
  test('[DEPLOY23] without any there are two nodes behind the proxy, which are started again when they end', () => {
    expect(readOptions([])).toEqual({ nodes: 2, port: 8080, proxy: true, restart: true });
  });

  test('[DEPLOY23] each of them is understood', () => {
    const store = 'postgres://coscribe@db:5432/coscribe';
    const redisUrl = 'redis://:secret@one:6379,redis://:secret@two:6379';
    const argv = ['--nodes', '3', '--port=9000', '--no-proxy', '--no-restart', '--data', 'kept'];
    expect(readOptions([...argv, '--store', store, '--redis-url', redisUrl])).toEqual({
      nodes: 3,
      port: 9000,
      proxy: false,
      restart: false,
      data: resolve('kept'),
      store,
      redisUrl,
    });
    expect(readOptions(['--nodes', '3', '--help'])).toBeUndefined();
  });

  test('[DEPLOY23] --help tells of every option', () => {
    for (const flag of ['nodes', 'port', 'no-proxy', 'store', 'redis-url', 'data', 'no-restart', 'help']) {
      expect(USAGE).toContain(`--${flag} `.trimEnd());
    }
  });

  test.each([
    [['--nodes', '0'], '--nodes must be a whole number from 1 to 32, not "0".'],
    [['--nodes', '33'], '--nodes must be'],
    [['--nodes', 'two'], '--nodes must be'],
    [['--port', '0'], '--port must be a whole number from 1 to 65535'],
    [['--port', '65535', '--no-proxy'], '--port leaves no ports for 2 nodes; take one below 65535.'],
    [['--store', 'sqlite:./data/coscribe.db'], 'only PostgreSQL serves several nodes'],
    [['--store', 'memory:'], 'only PostgreSQL serves several nodes'],
    [['--redis-url', 'localhost:6379'], '--redis-url must be a redis://'],
    [['--data', ''], '--data must be a folder.'],
    [['--nodse', '2'], "Unknown option '--nodse'"],
    [['3'], 'Unexpected argument'],
  ])('[DEPLOY23] %j is refused with a sentence', (argv, sentence) => {
    expect(() => readOptions(argv)).toThrow(sentence);
  });
});
