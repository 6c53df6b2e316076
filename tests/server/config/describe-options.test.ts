import { expect, test } from '@jest/globals';
import { helpText, optionsTable } from '../../../server/config/describe-options.js';
import { OPTIONS } from '../../../server/config/options.js';
import { readProjectFile } from '../../support/project-files.js';

const all = Object.values(OPTIONS);

test('[CONF4] --help names every option with its variable, default and meaning', () => {
  const help = helpText();
  for (const option of all) {
    expect(help).toContain(`--${option.flag} ${option.placeholder}`);
    const value = String(option.default);
    expect(help).toContain(`${option.env}, ${value === '' ? 'not set' : `default ${value}`}\n`);
    expect(help).toContain(option.sentence);
  }
  expect(help).toContain('--help');
  expect(help).toContain('--version');
  expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(130);
});

test('[CONF5] the table of options in docs/OPERATIONS.md is the one in the code', () => {
  expect(readProjectFile('docs/OPERATIONS.md')).toContain(`\n${optionsTable()}\n`);
});

test('[CONF5] no two options share a variable or a flag', () => {
  expect(new Set(all.map(({ env }) => env)).size).toBe(all.length);
  expect(new Set(all.map(({ flag }) => flag)).size).toBe(all.length);
});
