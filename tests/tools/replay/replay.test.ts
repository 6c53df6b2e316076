import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ServerProcess } from '../../../tools/server-process.js';
import { CLI_MAIN } from '../../support/command-run.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';
import { seededRandom } from '../../support/seeds.js';
import { withServer } from '../../support/server-process.js';
import { concurrentTrace, sequentialTrace } from '../../support/traces.js';
import { until } from '../../support/until.js';

let folder: TemporaryFolder;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

function write(name: string, content: unknown): string {
  const file = folder.file(name);
  writeFileSync(
    file,
    typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
  );
  return file;
}

interface Replayed {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What it left of its own in the folder for temporary files. */
  readonly left: string[];
}

/** Runs the real command, with a folder of its own for temporary files. */
async function replay(
  args: readonly string[],
  during?: (run: ServerProcess) => Promise<void>,
): Promise<Replayed> {
  const temporary = temporaryFolder();
  const run = new ServerProcess({
    main: CLI_MAIN,
    args: ['replay', ...args],
    env: { TMPDIR: temporary.path },
  });
  try {
    await during?.(run);
    const { code } = await run.ended;
    return { code, stdout: run.stdout, stderr: run.stderr, left: readdirSync(temporary.path) };
  } finally {
    await run.kill();
    temporary.remove();
  }
}

describe('npm run replay', () => {
  test('[REPLAY1] a sequential recording with a beginning, gzipped, ends in endContent everywhere', async () => {
    const trace = sequentialTrace(seededRandom(7), 2_000);
    const file = write('sequential.json.gz', gzipSync(JSON.stringify(trace)));
    const { code, stdout, stderr, left } = await replay(['--trace', file]);
    expect({ code, stderr, left }).toEqual({ code: 0, stderr: '', left: [] });
    expect(stdout).toContain('sequential.json.gz: 2000 transactions by 1 author\n');
    const { length } = Array.from(trace.endContent);
    expect(stdout).toContain(
      `text      ${length} characters, equal to endContent on 2 clients and in the store\n`,
    );
    expect(stdout).toContain('(read by a fresh client after the server was restarted)');
    for (const line of [
      /^time {6}\d+\.\d\d s, \d+ transactions\/s$/m,
      /^sent {6}\d+ bytes of updates in \d+ messages$/m,
      /^log {7}\d+ rows$/m,
      /^ack {7}p50 \d+\.\d ms, p99 \d+\.\d ms$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
  });

  test('[REPLAY1] a concurrent recording by three authors ends in endContent everywhere', async () => {
    const trace = concurrentTrace(seededRandom(8), 3, 300);
    const { code, stdout, stderr } = await replay(['--trace', write('concurrent.json', trace)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('concurrent.json: 300 transactions by 3 authors\n');
    expect(stdout).toContain('equal to endContent on 4 clients and in the store');
  });

  test('[REPLAY3] a recording that does not end in its endContent is told by the first difference, with exit code 1', async () => {
    const trace = sequentialTrace(seededRandom(9), 20);
    const wrong = `${trace.endContent.slice(0, -1)}#`;
    const { code, stderr, left } = await replay([
      '--trace',
      write('wrong.json', { ...trace, endContent: wrong }),
    ]);
    const at = Array.from(wrong).length - 1;
    expect({ code, left }).toEqual({ code: 1, left: [] });
    const lines = stderr.trimEnd().split('\n');
    expect(lines.map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      `The text of author 0 differs at the character ${at}`,
      `The text of reader differs at the character ${at}`,
      `The text of the store differs at the character ${at}`,
    ]);
    for (const line of lines) expect(line).toMatch(/ where endContent has "#"\.$/);
  });

  test('[REPLAY6] with --url it plays into a document of a running server, and never into one that has content', async () => {
    const trace = sequentialTrace(seededRandom(10), 50);
    const file = write('url.json', trace);
    await withServer({}, async ({ url }) => {
      const args = ['--trace', file, '--url', url, '--document', 'acme/replayed'];
      const first = await replay(args);
      expect(first).toMatchObject({ code: 0, stderr: '' });
      expect(first.stdout).toContain(`document  acme/replayed on ${url}\n`);
      expect(first.stdout).toContain('(read by a fresh client)');
      const second = await replay(args);
      expect(second).toMatchObject({
        code: 2,
        stderr: 'The document is not empty; name another one with --document.\n',
      });
    });
  });

  test('[REPLAY4] what cannot be used is one sentence, with exit code 2 and nothing left behind', async () => {
    const good = write('good.json', sequentialTrace(seededRandom(11), 3));
    const damaged = write('damaged.json', { endContent: 'a', txns: [{ patches: [[5, 0, 'a']] }] });
    const stranger = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as AddressInfo;
    const cases: readonly [args: readonly string[], sentence: string][] = [
      [[], 'Name the recording with --trace FILE; see --help.'],
      [['--trace', folder.file('gone.json')], `There is no file ${folder.file('gone.json')}.`],
      [['--trace', write('words.json', 'words')], 'is no JSON, gzipped or not.'],
      [['--trace', write('form.json', {})], 'is no recording: endContent is no text.'],
      [['--trace', damaged], 'Transaction 0 reaches to the character 5, where there is none'],
      [['--trace', good, '--speed', 'fast'], '--speed must be a number above 0.'],
      [['--trace', good, '--sped', '2'], '--sped is no option of it; did you mean --speed?'],
      [['--trace', good, '--document', 'a/b/c'], 'A document is named'],
      [['--trace', good, '--url', 'localhost'], '--url must be an http or https address, not "localhost".'],
      [['--trace', good, '--url', 'http://127.0.0.1:1'], 'No Coscribe server answers there.'],
      [['--trace', good, '--url', `http://127.0.0.1:${port}`], 'No Coscribe server answers there.'],
    ];
    try {
      for (const [args, sentence] of cases) {
        const { code, stderr, left } = await replay(args);
        expect({ args, code, left }).toEqual({ args, code: 2, left: [] });
        expect(stderr).toContain(sentence);
        expect(stderr).toMatch(/^[^\n]+\n$/);
      }
    } finally {
      stranger.closeAllConnections();
      stranger.close();
    }
  });

  test('[REPLAY4] an interruption ends the replay and its server, and leaves nothing behind', async () => {
    const file = write('long.json', sequentialTrace(seededRandom(12), 100, 1_000));
    const { code, stdout, stderr, left } = await replay(['--trace', file, '--speed', '1'], async (run) => {
      await until(() => run.stdout.includes('document'), 'it plays');
      run.signal('SIGINT');
    });
    expect({ code, stderr, left }).toEqual({ code: 130, stderr: 'Interrupted.\n', left: [] });
    const url = /on (http\S+)/.exec(stdout)?.[1] ?? '';
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  test('[REPLAY4] --help says how it is used', async () => {
    const { code, stdout } = await replay(['--help']);
    expect(code).toBe(0);
    for (const flag of ['--trace FILE', '--url URL', '--speed N', '--document NAME'])
      expect(stdout).toContain(flag);
  });
});
