import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { ROOT } from '../support/project-files.js';

test('[EMBED1] the published contract runs under node:test, which has no `expect`', async () => {
  const file = join(ROOT, 'tests/support/node-test-contract.mjs');
  // What tells a test of node:test that it runs inside another one would keep its report to itself.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', file], {
    env,
  });
  expect(stdout).toMatch(/^# fail 0$/m);
  expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(30);
});
