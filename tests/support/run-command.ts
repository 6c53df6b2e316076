import { PassThrough, Writable } from 'node:stream';
import type { Command } from '../../cli/command.js';
import { problemOf } from '../../cli/problem.js';

/** What a command did. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process, as `coscribe` would. */
export async function runCommand(
  command: Command,
  argv: readonly string[],
  signal = new AbortController().signal,
): Promise<Ran> {
  const texts = { stdout: '', stderr: '' };
  const into = (name: keyof typeof texts) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        texts[name] += chunk.toString();
        done();
      },
    });
  const io = { stdin: new PassThrough(), stdout: into('stdout'), stderr: into('stderr'), env: {}, signal };
  try {
    const code = await command.run(argv, io);
    return { code, ...texts };
  } catch (error) {
    const { code, text } = problemOf(error, command.name);
    return { code, ...texts, stderr: `${texts.stderr}${text}` };
  }
}
