import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AccessServer, startAccessServer } from '../../support/access-server.js';
import { docBlocks } from '../../support/doc-code.js';
import { run } from '../../support/doc-run.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';
import { readProjectFile } from '../../support/project-files.js';

const GUIDE = 'docs/guides/http-api.md';
/** Stands for whatever differs from time to time. */
const ANYTHING = '…';

let server: AccessServer;
let folder: TemporaryFolder;

beforeAll(async () => {
  folder = temporaryFolder();
  server = await startAccessServer({
    auth: ['--auth', 'open'],
    args: ['--store', `sqlite:${folder.file('db')}`],
  });
});
afterAll(async () => {
  await server.stop();
  folder.remove();
});

test('[API16] [API18] [API19] [API20] [API24] [API25] every command of the guide answers as it says there', async () => {
  const blocks = docBlocks(GUIDE, readProjectFile(GUIDE));
  const commands = blocks.filter(({ language }) => language === 'sh');
  expect(commands.length).toBeGreaterThan(3);
  for (const block of commands) {
    const code = block.code.replaceAll('http://localhost:8080', server.url);
    // What is refused ends the commands.
    const script = `curl() { command curl -sS --fail-with-body "$@"; }\n${code}`;
    const { ok, output } = await run(folder.path, 'bash', ['-euo', 'pipefail', '-c', script]);
    const told = blocks[blocks.indexOf(block) + 1];
    expect(told?.language).toBe('text');
    expect(output.trimEnd()).toMatch(patternOf(told?.code.trimEnd() ?? ''));
    expect(ok).toBe(true);
  }
});

function patternOf(text: string): RegExp {
  const literal = text.split(ANYTHING).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('[^]*?')}$`);
}
