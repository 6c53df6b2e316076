import { randomInt } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { fuzz } from '../../tools/soak/fuzz/fuzz.js';
import { ROOT } from '../support/project-files.js';

const MESSAGES = 60_000;

test(`[HOST1] ${MESSAGES} fuzzed messages: no crash, no rejection, no block, nothing kept, and honest people get on`, async () => {
  const seed = process.env.SEED === undefined ? randomInt(2 ** 31) : Number(process.env.SEED);
  const again = `SEED=${seed} npx jest tests/hostile/fuzz, or npm run soak -- --fuzz ${MESSAGES} --seed ${seed}`;
  const { problems, messages, requests, honestEdits } = await fuzz({ seed, messages: MESSAGES });
  expect({ again, problems }).toEqual({ again, problems: [] });
  expect(messages + requests).toBeGreaterThanOrEqual(MESSAGES);
  expect(honestEdits).toBeGreaterThan(100);
});

/** A fuzz that finds nothing has to be one that would. */
test.each([
  ['throws', /ended by itself|sabotage/],
  ['rejects', /ended by itself|sabotage/],
  ['blocks', /a turn of \d+ ms/],
  ['keeps', /MiB are kept/],
  ['lets viewers write', /typed by nobody|holds what nobody typed|copy is wrong|usable/],
])(
  '[HOST1] it is found if a server %s',
  async (sabotage, problem) => {
    const saboteur = pathToFileURL(`${ROOT}/tests/hostile/saboteur.mjs`).href;
    const env = { SABOTAGE: sabotage, NODE_OPTIONS: `--import=${saboteur}` };
    const { problems } = await fuzz({ seed: 1, messages: 5_000, perPart: 1_000, env });
    expect(problems.join('\n')).toMatch(problem);
  },
  120_000,
);
