import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { COMMANDS, loadAll } from '../../cli/commands.js';
import { runInProcess, runProcess } from '../support/command-run.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

let folder: TemporaryFolder;
let installed: readonly Shell[];

beforeAll(async () => {
  folder = temporaryFolder();
  const found = await Promise.all(SHELLS.map((shell) => runProcess('sh', ['-c', `command -v ${shell}`])));
  installed = SHELLS.filter((_, at) => found[at]?.code === 0);
  for (const shell of SHELLS) writeFileSync(folder.file(`script.${shell}`), await scriptFor(shell));
  mkdirSync(folder.file('my folder'));
  writeFileSync(folder.file('my trace.json'), '');
});
afterAll(() => folder.remove());

async function scriptFor(shell: Shell): Promise<string> {
  const { code, stdout, stderr } = await runInProcess(['completion', shell]);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

/** What bash offers after each of these lines; the last word is the one to complete. */
async function inBash(lines: readonly (readonly string[])[]): Promise<string[][]> {
  const quoted = (word: string): string => `'${word}'`;
  const calls = lines.map(
    (words) =>
      `COMP_WORDS=(coscribe ${words.map(quoted).join(' ')}); COMP_CWORD=${words.length}; COMPREPLY=(); _coscribe; (IFS=$'\\t'; echo "\${COMPREPLY[*]}")`,
  );
  const program = ['set -u', '. ./script.bash', ...calls].join('\n');
  const { code, stdout, stderr } = await runProcess('bash', ['--norc', '-c', program], { cwd: folder.path });
  expect([code, stderr]).toEqual([0, '']);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t').filter((word) => word !== ''));
}

describe('completion', () => {
  test('[CLI8] bash completes commands, options, values that can be counted, and files', async () => {
    const names = COMMANDS.map(({ name }) => name);
    const asked: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
      [[''], names],
      [['tok'], ['token']],
      [['help', 'tok'], ['token']],
      [['--po'], ['--port']],
      [['start', '--jwt-iss'], ['--jwt-issuer']],
      [
        ['start', '--auth', ''],
        ['open', 'links', 'jwt'],
      ],
      [['--auth', 'l'], ['links']],
      [['start', '--auth', '=', 'l'], ['links']],
      [
        ['start', '--auth', '='],
        ['open', 'links', 'jwt'],
      ],
      [['token', '--user', ''], []],
      [
        ['completion', ''],
        ['bash', 'zsh', 'fish'],
      ],
      [['replay', '--trace', 'my t'], ['my trace.json']],
      [['import', 'acme', 'my t'], ['my trace.json']],
      [['nonsense', '--x'], []],
    ];
    const replies = await inBash(asked.map(([words]) => words));
    expect(asked.map(([words], at) => [words, replies[at]])).toEqual(asked);
  });

  test('[CLI4] [CLI8] after every command bash offers exactly its options', async () => {
    const expected = (await loadAll()).map(({ command: { name: command, options } }) => {
      const flags = options.flatMap(({ name, short }) => [`--${name}`, ...(short ? [`-${short}`] : [])]);
      return [command, ...flags, '--help', '-h'];
    });
    const replies = await inBash(expected.map(([command = '']) => [command, '-']));
    expect(replies.map((words, at) => [expected[at]?.[0], ...words])).toEqual(expected);
  });

  test('[CLI8] the scripts for zsh and fish have every command and option, and the shells read them where they are', async () => {
    const scripts = await Promise.all(SHELLS.map(scriptFor));
    for (const { command } of await loadAll()) {
      for (const script of scripts) expect(script).toContain(command.name);
      for (const { name } of command.options) {
        expect(scripts[1]).toContain(`--${name}`);
        expect(scripts[2]).toContain(`-n '__coscribe_is ${command.name}' -l ${name} `);
      }
    }
    for (const shell of installed) {
      const check = [shell === 'fish' ? '--no-execute' : '-n', `script.${shell}`];
      const { code, stderr } = await runProcess(shell, check, { cwd: folder.path });
      expect([shell, code, stderr]).toEqual([shell, 0, '']);
    }
  });

  test('[CLI8] fish, where it is installed, offers what bash does', async () => {
    if (!installed.includes('fish')) return;
    const lines = [
      'coscribe tok',
      'coscribe start --auth l',
      'coscribe export help --ur',
      'coscribe help tok',
    ];
    const calls = lines.map((line) => `complete -C '${line}' | string split -f1 \\t`);
    const program = ['source script.fish', ...calls].join('\n');
    const { stdout } = await runProcess('fish', ['--no-config', '-c', program], { cwd: folder.path });
    expect(stdout.trimEnd().split('\n')).toEqual(['token', 'links', '--url', 'token']);
  });
});
