import { describe, expect, test } from '@jest/globals';
import { ConfigError, informationAsked, loadConfig } from '../../../server/config/load-config.js';
import { OPTIONS } from '../../../server/config/options.js';

const DEFAULTS = {
  port: 8080,
  host: '127.0.0.1',
  store: 'sqlite:./data/coscribe.db',
  redisUrl: '',
  logLevel: 'info',
  maxUpdateBytes: 262_144,
  maxDocumentBytes: 10_485_760,
  unloadAfterMs: 30_000,
  stopTimeoutMs: 25_000,
  drainDelayMs: 0,
};

/** For each option: a value that is not the default, as typed and as read. */
const VALUES = {
  port: ['9000', 9000],
  host: ['0.0.0.0', '0.0.0.0'],
  store: ['memory:', 'memory:'],
  redisUrl: ['redis://cache:6379', 'redis://cache:6379'],
  logLevel: ['debug', 'debug'],
  maxUpdateBytes: ['65536', 65_536],
  maxDocumentBytes: ['1000000', 1_000_000],
  unloadAfterMs: ['0', 0],
  stopTimeoutMs: ['1000', 1000],
  drainDelayMs: ['900', 900],
} as const satisfies Record<keyof typeof OPTIONS, readonly [string, string | number]>;

const KEYS = Object.keys(VALUES) as (keyof typeof VALUES)[];

function problems(argv: string[], env: Record<string, string> = {}): readonly string[] {
  try {
    loadConfig(argv, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  test('[CONF1] without flags and environment every option has its default', () => {
    expect(loadConfig([], {})).toEqual(DEFAULTS);
  });

  test.each(KEYS)('[CONF1] %s is set by its environment variable and by its flag', (key) => {
    const { env, flag } = OPTIONS[key];
    const [raw, value] = VALUES[key];
    const expected = { ...DEFAULTS, [key]: value };
    expect(loadConfig([], { [env]: raw })).toEqual(expected);
    expect(loadConfig([`--${flag}`, raw], {})).toEqual(expected);
    expect(loadConfig([`--${flag}=${raw}`], {})).toEqual(expected);
  });

  test('[CONF2] a flag wins over the environment, the last flag over earlier ones', () => {
    expect(loadConfig(['--port', '1', '--port', '2'], { PORT: '3' }).port).toBe(2);
  });

  test('[CONF2] a variable that is set to nothing counts as not set', () => {
    expect(loadConfig([], { PORT: '', COSCRIBE_STORE: '' })).toEqual(DEFAULTS);
  });

  test.each([
    [['--port', 'eighty'], '--port must be a whole number from 0 to 65535, not "eighty".'],
    [['--port', '65536'], '--port must be a whole number from 0 to 65535, not "65536".'],
    [['--port', '-1'], '--port must be a whole number from 0 to 65535, not "-1".'],
    [['--port', '80.5'], '--port must be a whole number from 0 to 65535, not "80.5".'],
    [['--port', '0x50'], '--port must be a whole number from 0 to 65535, not "0x50".'],
    [['--port', '1e3'], '--port must be a whole number from 0 to 65535, not "1e3".'],
    [['--port'], '--port needs a value.'],
    [['--port='], '--port needs a value.'],
    [['--host', '--port'], '--host needs a value.'],
    [['--host', 'a b'], '--host must not contain white space, not "a b".'],
    [
      ['--store', 'mysql://root:hunter2@x'],
      '--store must be "memory:", "sqlite:" followed by a file name, or "postgres://USER:PASSWORD@HOST/DATABASE".',
    ],
    [
      ['--store', 'sqlite:'],
      '--store must be "memory:", "sqlite:" followed by a file name, or "postgres://USER:PASSWORD@HOST/DATABASE".',
    ],
    [['--log-level', 'loud'], '--log-level must be one of debug, info, warn, error, not "loud".'],
    [
      ['--max-update-bytes', '1'],
      '--max-update-bytes must be a whole number from 1024 to 1073741824, not "1".',
    ],
    [['--frobnicate'], '--frobnicate is not an option; see --help.'],
    [['-x'], '-x is not an option; see --help.'],
    [['--__proto__', 'x'], '--__proto__ is not an option; see --help.'],
    [['start'], '"start" is not a flag; see --help.'],
  ])('[CONF3] %j is refused with a sentence', (argv, sentence) => {
    expect(problems(argv)).toContain(sentence);
  });

  test('[CONF3] a wrong variable is named as a variable', () => {
    expect(problems([], { PORT: 'x' })).toEqual(['PORT must be a whole number from 0 to 65535, not "x".']);
  });

  test('[CONF3] all problems are told at once', () => {
    expect(problems(['--nothing', '--port', 'x'], { COSCRIBE_LOG_LEVEL: 'loud' })).toEqual([
      '--nothing is not an option; see --help.',
      '--port must be a whole number from 0 to 65535, not "x".',
      'COSCRIBE_LOG_LEVEL must be one of debug, info, warn, error, not "loud".',
    ]);
  });

  test('[CONF3] a stop that would be over before it has begun to drain is refused', () => {
    expect(problems(['--drain-delay-ms', '5000', '--stop-timeout-ms', '4000'])).toEqual([
      'COSCRIBE_DRAIN_DELAY_MS (5000) must not exceed COSCRIBE_STOP_TIMEOUT_MS (4000), which counts from the signal on.',
    ]);
  });

  test('[CONF3] an update that could be larger than a document is refused', () => {
    expect(problems(['--max-update-bytes', '4096', '--max-document-bytes', '2048'])).toEqual([
      'COSCRIBE_MAX_UPDATE_BYTES (4096) must not exceed COSCRIBE_MAX_DOCUMENT_BYTES (2048).',
    ]);
  });
});

test.each([
  [['--help'], 'help'],
  [['-h', '--nonsense'], 'help'],
  [['--port', '1', '--version'], 'version'],
  [['-v'], 'version'],
  [['--port', '1'], undefined],
  [[], undefined],
])('[CONF4] %j asks for: %s', (argv, asked) => {
  expect(informationAsked(argv)).toBe(asked);
});
