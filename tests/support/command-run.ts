import { type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { CommandIo } from '../../cli/command.js';
import { runCommand } from '../../cli/run-command.js';
import { PATIENCE_MS } from './patience.js';
import { ROOT } from './project-files.js';

export const CLI_MAIN = join(ROOT, 'dist/cli/main.js');

export interface CommandRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandInput {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string | Buffer;
  readonly signal?: AbortSignal;
  /** Makes standard output a terminal of this width. */
  readonly columns?: number;
}

/** Runs a command in this process: `coscribe` and these words. */
export async function runInProcess(argv: readonly string[], input: CommandInput = {}): Promise<CommandRun> {
  const { env = {}, stdin = '', signal = new AbortController().signal, columns } = input;
  const out = new PassThrough();
  const err = new PassThrough();
  const stdout = textOf(out);
  const stderr = textOf(err);
  const io: CommandIo = {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: columns === undefined ? out : Object.assign(out, { isTTY: true, columns }),
    stderr: err,
    env,
    signal,
  };
  const code = await runCommand(argv, io);
  out.end();
  err.end();
  return { code, stdout: (await stdout).toString('utf8'), stderr: (await stderr).toString('utf8') };
}

async function textOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Runs the compiled command, or another program, in a process of its own. */
export function runProcess(
  program: string,
  args: readonly string[],
  options: SpawnOptionsWithoutStdio = {},
): Promise<CommandRun> {
  const child = spawn(program, args, { timeout: PATIENCE_MS, killSignal: 'SIGKILL', ...options });
  child.stdin.on('error', () => {});
  child.stdin.end();
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
