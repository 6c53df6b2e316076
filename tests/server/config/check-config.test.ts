import { describe, expect, test } from '@jest/globals';
import { exposureProblem } from '../../../server/config/check-config.js';
import { ConfigError, loadConfig } from '../../../server/config/load-config.js';

/** What is said about settings, given without `COSCRIBE_`. */
function problems(settings: Record<string, string>): readonly string[] {
  const env = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`COSCRIBE_${name}`, value]),
  );
  try {
    loadConfig([], env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const SECRET = 'a secret that nobody repeats';

describe('settings that do not go together', () => {
  test.each([
    [
      { DRAIN_DELAY_MS: '5000', STOP_TIMEOUT_MS: '4000' },
      'COSCRIBE_DRAIN_DELAY_MS (5000) must not exceed COSCRIBE_STOP_TIMEOUT_MS (4000), which counts from the signal on.',
    ],
    [
      { MAX_UPDATE_BYTES: '4096', MAX_DOCUMENT_BYTES: '2048' },
      'COSCRIBE_MAX_UPDATE_BYTES (4096) must not exceed COSCRIBE_MAX_DOCUMENT_BYTES (2048).',
    ],
    [
      { MAX_PENDING_BYTES: '4096' },
      'COSCRIBE_MAX_UPDATE_BYTES (262144) must not exceed COSCRIBE_MAX_PENDING_BYTES (4096), or some updates could never be saved.',
    ],
    [
      { BYTES_BURST: '4096', MAX_BYTES_PER_SECOND: '4096' },
      'COSCRIBE_MAX_UPDATE_BYTES (262144) must not exceed COSCRIBE_BYTES_BURST (4096), or some updates could never be sent.',
    ],
    [
      { UPDATE_BURST: '499' },
      'COSCRIBE_MAX_UPDATES_PER_SECOND (500) must not exceed COSCRIBE_UPDATE_BURST (499).',
    ],
    [
      { MAX_BYTES_PER_SECOND: '16777217' },
      'COSCRIBE_MAX_BYTES_PER_SECOND (16777217) must not exceed COSCRIBE_BYTES_BURST (16777216).',
    ],
    [
      { AWARENESS_BURST: '24' },
      'COSCRIBE_MAX_AWARENESS_PER_SECOND (25) must not exceed COSCRIBE_AWARENESS_BURST (24).',
    ],
    [{ JOIN_BURST: '19' }, 'COSCRIBE_MAX_JOINS_PER_SECOND (20) must not exceed COSCRIBE_JOIN_BURST (19).'],
    [
      { REQUEST_BURST: '49' },
      'COSCRIBE_MAX_REQUESTS_PER_SECOND (50) must not exceed COSCRIBE_REQUEST_BURST (49).',
    ],
    [{ TLS_CERT: 'a.pem' }, 'COSCRIBE_TLS_CERT needs COSCRIBE_TLS_KEY beside it.'],
    [{ TLS_KEY: 'a.key' }, 'COSCRIBE_TLS_KEY needs COSCRIBE_TLS_CERT beside it.'],
    [
      { ALLOWED_ORIGINS: 'https://a.example,*' },
      'COSCRIBE_ALLOWED_ORIGINS is either "*" or a list of origins, not both.',
    ],
    [
      { AUTH: 'jwt', JWT_KEY: SECRET },
      'COSCRIBE_AUTH=jwt needs COSCRIBE_JWT_ALGORITHM: how tokens are signed.',
    ],
    [
      { AUTH: 'jwt', JWT_ALGORITHM: 'HS256' },
      'COSCRIBE_AUTH=jwt needs COSCRIBE_JWT_KEY or COSCRIBE_JWT_JWKS_URL: what tokens are checked with.',
    ],
    [
      { AUTH: 'jwt', JWT_ALGORITHM: 'RS256', JWT_KEY: SECRET, JWT_JWKS_URL: 'https://id.example/' },
      'COSCRIBE_JWT_KEY and COSCRIBE_JWT_JWKS_URL exclude each other; set one of them.',
    ],
    [
      { AUTH: 'jwt', JWT_ALGORITHM: 'HS256', JWT_JWKS_URL: 'https://id.example/' },
      'COSCRIBE_JWT_ALGORITHM=HS256 needs COSCRIBE_JWT_KEY: a secret is not to be had from COSCRIBE_JWT_JWKS_URL.',
    ],
    [{ JWT_KEY: SECRET }, 'COSCRIBE_JWT_KEY means something with COSCRIBE_AUTH=jwt only, and it is "open".'],
    [
      { AUTH: 'links', JWT_ISSUER: 'x', JWT_AUDIENCE: 'y' },
      'COSCRIBE_JWT_ISSUER, COSCRIBE_JWT_AUDIENCE mean something with COSCRIBE_AUTH=jwt only, and it is "links".',
    ],
    [
      { WEBHOOK_URL: 'https://hook.example/' },
      'COSCRIBE_WEBHOOK_URL needs COSCRIBE_WEBHOOK_SECRET beside it.',
    ],
    [
      { WEBHOOK_SECRET: `whsec_${'A'.repeat(32)}` },
      'COSCRIBE_WEBHOOK_SECRET needs COSCRIBE_WEBHOOK_URL beside it.',
    ],
  ])('[CONF3] [CONF8] %j is refused with a sentence', (settings, sentence) => {
    expect(problems(settings)).toEqual([sentence]);
  });

  test('[CONF3] [CONF8] all of them are told at once, and a value that could not be read is not compared', () => {
    expect(problems({ AUTH: 'jwt', UPDATE_BURST: 'many', JOIN_BURST: '1', TLS_KEY: 'a.key' })).toEqual([
      'COSCRIBE_UPDATE_BURST must be a whole number from 1 to 1000000, not "many".',
      'COSCRIBE_MAX_JOINS_PER_SECOND (20) must not exceed COSCRIBE_JOIN_BURST (1).',
      'COSCRIBE_AUTH=jwt needs COSCRIBE_JWT_ALGORITHM: how tokens are signed.',
      'COSCRIBE_AUTH=jwt needs COSCRIBE_JWT_KEY or COSCRIBE_JWT_JWKS_URL: what tokens are checked with.',
      'COSCRIBE_TLS_KEY needs COSCRIBE_TLS_CERT beside it.',
    ]);
    // Whoever mistypes the mode is not told that the key is superfluous.
    expect(problems({ AUTH: 'jtw', JWT_KEY: SECRET })).toEqual([
      'COSCRIBE_AUTH must be one of open, links, jwt, not "jtw".',
    ]);
    expect(problems({ AUTH: 'jwt', JWT_ALGORITHM: 'none', JWT_KEY: SECRET })).toEqual([
      'COSCRIBE_JWT_ALGORITHM must be one of HS256, RS256, PS256, ES256, ES384, EdDSA, not "none".',
    ]);
  });
});

describe('open mode', () => {
  const open = (host: string, openToAll: 'yes' | 'no' = 'no') =>
    exposureProblem({ auth: 'open', host, openToAll });

  test.each([
    '127.0.0.1',
    '127.8.9.10',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    'localhost',
    'LocalHost',
  ])('[AUTH1] listens on %s', (host) => {
    expect(open(host)).toBeUndefined();
  });

  test.each(
    [
      ['0.0.0.0', '::', '::ffff:0.0.0.0', '10.0.0.7', '192.168.1.4', '128.0.0.1', 'fe80::1%eth0', '::2'],
      ['', 'localhost.example.com', '127.0.0.1.example.com', 'my-laptop', '127.1', '0177.0.0.1', '[::1]'],
    ].flat(),
  )('[AUTH1] refuses to listen on "%s" unless told that it is meant so', (host) => {
    expect(open(host)).toBe(
      `With COSCRIBE_AUTH=open everybody who reaches ${host} (HOST) could read, change and delete every document: ` +
        'set COSCRIBE_AUTH to links or jwt, leave HOST at 127.0.0.1, or, if that is what you want, set COSCRIBE_OPEN_TO_ALL=yes.',
    );
    expect(open(host, 'yes')).toBeUndefined();
    for (const auth of ['links', 'jwt'] as const) {
      expect(exposureProblem({ auth, host, openToAll: 'no' })).toBeUndefined();
    }
  });
});
