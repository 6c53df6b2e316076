import { afterEach, expect, test } from '@jest/globals';
import { chromiumPath } from './chromium.js';

const { CHROMIUM_PATH, PATH } = process.env;
afterEach(() => {
  process.env.PATH = PATH;
  if (CHROMIUM_PATH === undefined) delete process.env.CHROMIUM_PATH;
  else process.env.CHROMIUM_PATH = CHROMIUM_PATH;
});

test('a Chromium that was asked for and is not there is named', () => {
  process.env.CHROMIUM_PATH = '/no/such/chromium';
  expect(() => chromiumPath()).toThrow(
    'CHROMIUM_PATH names /no/such/chromium, which is not an executable file.',
  );
});

test('the Chromium that was asked for is taken', () => {
  process.env.CHROMIUM_PATH = process.execPath;
  expect(chromiumPath()).toBe(process.execPath);
});
