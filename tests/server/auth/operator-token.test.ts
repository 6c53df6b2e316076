import { writeFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import type { AccessControl } from '../../../server/auth/access.js';
import { openAccess } from '../../../server/auth/open-access.js';
import { OperatorAccess, readOperatorToken } from '../../../server/auth/operator-token.js';
import { ConfigError, loadConfig } from '../../../server/config/load-config.js';
import { CoscribeError } from '../../../shared/errors.js';
import { NOTES } from '../../support/document-node.js';
import { temporaryFolder } from '../../support/folder.js';

const TOKEN = 'an-operator-token';
const folder = temporaryFolder();
afterAll(() => folder.remove());

function problems(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join(' ');
    throw error;
  }
  return '';
}

function shown(token?: string) {
  return { headers: {}, address: '127.0.0.1', ...(token !== undefined && { token }) };
}

test('[ADMIN3] the token is given as it is, or in a file, whose last line end does not count', () => {
  const file = folder.file('token');
  for (const end of ['', '\n', '\r\n']) {
    writeFileSync(file, `${TOKEN}${end}`);
    expect(readOperatorToken(`file:${file}`)(TOKEN)).toBe(true);
  }
  const matches = readOperatorToken(TOKEN);
  expect(matches(TOKEN)).toBe(true);
  const others = [
    '',
    'x',
    TOKEN.slice(1),
    `${TOKEN}x`,
    TOKEN.toUpperCase(),
    'x'.repeat(100_000),
    `file:${file}`,
  ];
  expect(others.filter(matches)).toEqual([]);
});

test('[ADMIN3] one that can be guessed, or does not fit into a header, is refused without being repeated', () => {
  const bad = ['short', 'fifteen-letters', 'with a space in it', 'ünïcödé-ünïcödé-ü', 'x'.repeat(1_025)];
  for (const secret of bad) {
    const flags = problems(() => loadConfig(['--operator-token', secret], {}));
    expect(flags).toBe(
      '--operator-token must have 16 to 1024 visible ASCII characters, or be "file:" and a file name.',
    );
    const file = folder.file('bad');
    writeFileSync(file, secret);
    expect(problems(() => readOperatorToken(`file:${file}`))).toBe(
      'COSCRIBE_OPERATOR_TOKEN must have 16 to 1024 visible ASCII characters.',
    );
  }
  expect(problems(() => loadConfig([], { COSCRIBE_OPERATOR_TOKEN: 'file:' }))).toMatch(
    /^COSCRIBE_OPERATOR_TOKEN must/,
  );
  expect(problems(() => readOperatorToken('file:/nowhere/token'))).toBe(
    'COSCRIBE_OPERATOR_TOKEN names the file /nowhere/token, which cannot be read (ENOENT).',
  );
});

test('[ADMIN1] who brings it is an operator, whoever lets people in, and is nobody else', async () => {
  const refusing = new CoscribeError('unauthenticated');
  const asked: string[] = [];
  const inner: AccessControl = {
    mode: 'tokens',
    async identify({ token = '' }) {
      asked.push(token);
      if (token === 'ann') return { user: 'ann' };
      throw refusing;
    },
    reader: async () => async () => false,
    admit: async () => {
      throw refusing;
    },
    review: async (grant) => grant,
  };
  const access = new OperatorAccess(inner, readOperatorToken(TOKEN));
  expect(access.mode).toBe('tokens');
  expect(await access.identify(shown(TOKEN))).toEqual({ operator: true });
  const inHeader = { headers: { authorization: `bearer ${TOKEN}` }, address: '' };
  expect(await access.identify(inHeader)).toEqual({ operator: true });
  expect(asked).toEqual([]);
  expect(await access.identify(shown('ann'))).toEqual({ user: 'ann' });
  await expect(access.identify(shown(`${TOKEN}x`))).rejects.toBe(refusing);
  await expect(access.admit(shown(TOKEN), NOTES)).rejects.toBe(refusing);
  expect(await (await access.reader(shown(TOKEN)))(NOTES)).toBe(false);
});

test('[ADMIN2] where everybody is let in, only who brings the token is an operator once there is one', async () => {
  expect(await openAccess.identify(shown())).toMatchObject({ operator: true });
  const access = new OperatorAccess(openAccess, readOperatorToken(TOKEN));
  expect(await access.identify(shown())).toEqual({ operator: false });
  expect(await access.identify(shown('another-token-here'))).toEqual({ operator: false });
  expect(await access.identify(shown(TOKEN))).toEqual({ operator: true });
  expect((await access.admit(shown(), NOTES)).role).toBe('owner');
});
