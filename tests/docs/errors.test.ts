import { describe, expect, test } from '@jest/globals';
import { ERRORS } from '../../shared/errors.js';
import { readProjectFile } from '../support/project-files.js';

describe('docs/PROTOCOL.md', () => {
  test('[HOUSE4] its table of errors is the one in the code', () => {
    const rows = Object.entries(ERRORS).map(
      ([code, { status, retryable, sentence }]) =>
        `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${sentence} |`,
    );
    const lines = readProjectFile('docs/PROTOCOL.md').split('\n');
    const start = lines.indexOf('| code | HTTP status | retryable | meaning |') + 2;
    const end = lines.findIndex((line, at) => at >= start && !line.startsWith('|'));
    expect(lines.slice(start, end < 0 ? undefined : end)).toEqual(rows);
  });
});
