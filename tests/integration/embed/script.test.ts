import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runProcess } from '../../support/command-run.js';
import { ROOT } from '../../support/project-files.js';

/** A program without a server, which edits a document time and again; functions take as long as a turn, so that pauses are made. */
const script = (end: string): string => `
  import { createCoscribe } from ${JSON.stringify(join(ROOT, 'dist/server/index.js'))};
  const coscribe = await createCoscribe({ store: 'memory:' });
  for (let n = 1; n <= 30; n++)
    await coscribe.edit('acme/report', (doc) => {
      for (const until = performance.now() + 6; performance.now() < until; );
      doc.getText('text').insert(0, '.');
    });
  console.log(await coscribe.read('acme/report', (doc) => doc.getText('text').length));
  ${end}
`;

describe('a program that serves nothing', () => {
  test.each([
    ['stops Coscribe in the end', 'console.log(await coscribe.stop());', '30\ntrue\n'],
    ['leaves it', '', '30\n'],
  ])(
    '[EMBED12] goes on while it waits for Coscribe, and ends when it does not: it %s',
    async (_, end, said) => {
      const ran = await runProcess(process.execPath, ['--input-type=module', '--eval', script(end)]);
      expect(ran).toEqual({ code: 0, stdout: said, stderr: '' });
    },
  );
});
