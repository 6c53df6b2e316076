import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../../cli/commands.js';
import { ServerProcess } from '../../tools/server-process.js';
import { CLI_MAIN, runInProcess, runProcess } from '../support/command-run.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { ROOT, readProjectFile } from '../support/project-files.js';
import { seededRandom } from '../support/seeds.js';
import { sequentialTrace } from '../support/traces.js';
import { until } from '../support/until.js';

const { version: VERSION } = JSON.parse(readProjectFile('package.json')) as { version: string };

let folder: TemporaryFolder;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

const node = (...args: string[]) => runProcess(process.execPath, args, { cwd: folder.path });
const coscribe = (...args: string[]) => node(CLI_MAIN, ...args);

/** Runs the command. @returns the addresses of all modules that it loads */
async function loadedBy(...args: string[]): Promise<string[]> {
  const loader = folder.file('loader.mjs');
  writeFileSync(
    loader,
    `import { writeSync } from 'node:fs';
export async function resolve(name, context, next) {
  const found = await next(name, context);
  writeSync(2, \`loaded \${found.url}\\n\`);
  return found;
}`,
  );
  const register = `data:text/javascript,import { register } from 'node:module'; register('file://${loader}');`;
  const { stderr } = await node('--import', register, CLI_MAIN, ...args);
  return [...new Set(stderr.split('\n').filter((line) => line.startsWith('loaded ')))];
}

describe('coscribe as a process', () => {
  test.each([[], ['start']])(
    '[CLI1] %j is the server, with its options, until it is told to stop',
    async (...words) => {
      const args = [...words, '--port', '0', '--store', `sqlite:${folder.file(`own-${words.length}.db`)}`];
      const server = new ServerProcess({ main: CLI_MAIN, args, env: { COSCRIBE_LOG_LEVEL: 'info' } });
      try {
        const url = await server.ready();
        expect((await fetch(`${url}/healthz`)).status).toBe(200);
        expect(await server.stop()).toMatchObject({ code: 0 });
        expect(server.stdout).toContain('everything is saved');
      } finally {
        await server.kill();
      }
    },
  );

  test('[CLI1] what keeps the server from starting is told as ever', async () => {
    for (const words of [[], ['start']])
      expect(await coscribe(...words, '--port', 'x')).toEqual({
        code: 2,
        stdout: '',
        stderr: `Coscribe can't start: --port must be a whole number from 0 to 65535, not "x".\n`,
      });
  });

  test('[CLI1] the server loads no other command, and help nothing but the commands', async () => {
    const [server, help] = await Promise.all([loadedBy('--port', 'x'), loadedBy('--help')]);
    const ownOf = (loaded: readonly string[]) => loaded.filter((line) => line.includes('/dist/cli/'));
    expect(ownOf(server)).toEqual([expect.stringContaining('/dist/cli/main.js')]);
    expect(server.filter((line) => line.includes('/dist/server/run-server.js'))).toHaveLength(1);
    expect(help.filter((line) => line.includes('/dist/cli/commands/'))).toHaveLength(COMMANDS.length);
    expect(help.filter((line) => line.includes('/node_modules/'))).toEqual([]);
  });

  test('[CLI3] [CLI5] exit codes, and what goes where', async () => {
    expect(await coscribe('--version')).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
    const sentence = '"tokn" is no command; did you mean token? coscribe --help lists them.\n';
    expect(await coscribe('tokn')).toEqual({ code: 2, stdout: '', stderr: sentence });
  });

  test('[CLI5] output that nobody reads is no problem of anybody', async () => {
    const child = spawn(process.execPath, [CLI_MAIN, 'start', '--help'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (text: Buffer) => {
      stderr += text.toString();
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(stderr).toBe('');
    // As any program that a shell ends for that.
    expect(code).toBe(141);
  });

  test('[CLI6] a signal ends a command in order, which leaves nothing behind', async () => {
    const file = folder.file('long.json');
    writeFileSync(file, JSON.stringify(sequentialTrace(seededRandom(3), 100, 60_000)));
    const run = new ServerProcess({
      main: CLI_MAIN,
      args: ['replay', '--trace', file, '--speed', '0.01'],
      env: { TMPDIR: folder.path },
    });
    try {
      await until(() => run.stdout.includes('document'), 'it plays');
      run.signal('SIGTERM');
      expect(await run.ended).toMatchObject({ code: 143 });
      expect(run.stderr).toBe('Interrupted.\n');
      expect(folder.names().filter((name) => name.startsWith('coscribe-replay'))).toEqual([]);
    } finally {
      await run.kill();
    }
  });

  test('[CLI6] a second Ctrl-C ends it at once, but for the one that npm passes on', async () => {
    const script = folder.file('endless.mjs');
    const module = join(ROOT, 'dist/cli/process-io.js');
    writeFileSync(
      script,
      `import { processIo } from '${module}';
setInterval(() => {}, 1000);
processIo().signal.addEventListener('abort', () => console.log('asked to end'));
process.on('SIGINT', () => console.log('heard'));
console.log('begun');`,
    );
    const run = new ServerProcess({ main: script, args: [] });
    const heard = (): number => run.stdout.split('heard').length - 1;
    try {
      await until(() => run.stdout.includes('begun'), 'it runs');
      run.signal('SIGINT');
      await until(() => run.stdout.includes('asked to end'), 'it is asked to end');
      run.signal('SIGINT');
      await until(() => heard() === 2, 'the second came');
      // Longer than npm takes.
      await new Promise((resolve) => setTimeout(resolve, 600));
      run.signal('SIGINT');
      expect(await run.ended).toMatchObject({ code: 130 });
      expect(heard()).toBe(2);
    } finally {
      await run.kill();
    }
  });
});

describe('what makes no sense', () => {
  test.each([
    [['strat'], '"strat" is no command; did you mean start? coscribe --help lists them.'],
    [['qqq'], '"qqq" is no command. coscribe --help lists them.'],
    [['help', 'tokn'], '"tokn" is no command; did you mean token? coscribe --help lists them.'],
    [['token', '--usr', 'x'], '--usr is no option of it; did you mean --user? See coscribe token --help.'],
    [
      ['completion', 'bsh'],
      'There is completion for bash, zsh and fish, not for "bsh"; did you mean bash? See coscribe completion --help.',
    ],
    [['completion'], 'The shell (bash, zsh or fish) is missing. See coscribe completion --help.'],
    [['version', 'x'], '"x" is too much: it takes options only. See coscribe version --help.'],
    [['export'], 'WORKSPACE is missing. See coscribe export --help.'],
    [
      ['export', 'acme'],
      'Say where: --url of a server that runs, or --store of a store that none uses. See coscribe export --help.',
    ],
    [
      ['export', '--url', 'host', 'acme'],
      '--url must be an http or https address, not "host". See coscribe export --help.',
    ],
    [
      ['export', '--url', 'http://h', 'a b'],
      'The name of a workspace has 1 to 64 characters out of A-Z a-z 0-9 . _ - and does not start with a dot; "a b" is none. See coscribe export --help.',
    ],
    [['import', '--url', 'http://h', 'acme'], 'WORKSPACE and FILE is missing. See coscribe import --help.'],
    [['import', '--url', 'http://h', 'acme', '/no/such.zip'], 'There is no file /no/such.zip.'],
    [
      ['export', '--store', 'file.db', 'acme'],
      '--store must be "memory:", "sqlite:" followed by a file name, "postgres://USER:PASSWORD@HOST/DATABASE", or "file:" followed by the name of a file that holds that. See coscribe export --help.',
    ],
    [
      ['verify', 'postgres://ann:secret@db/x'],
      '"postgres://ann:…@db/x" is too much: it takes options only. See coscribe verify --help.',
    ],
    [['postgres://ann:secret@db/x'], '"postgres://ann:…@db/x" is no command. coscribe --help lists them.'],
    [
      ['export', '--url', 'http://ann:secret@h', 'acme'],
      '--url must be an address without user and password, not "http://ann:…@h". See coscribe export --help.',
    ],
  ])('[CLI3] [CLI9] %j is told in one sentence', async (argv, sentence) => {
    expect(await runInProcess(argv)).toEqual({ code: 2, stdout: '', stderr: `${sentence}\n` });
  });
});
