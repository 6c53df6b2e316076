import type { CommandIo } from './command.js';
import { Interrupted } from './interrupted.js';

/** npm passes on a Ctrl-C that the terminal has sent already: two of them within this time are one, in milliseconds. */
const SAME_SIGNAL_MS = 500;

/** What this process reads and writes. */
export function processIo(): CommandIo {
  const { stdin, stdout, stderr, env } = process;
  let controller: AbortController | undefined;
  const interrupt = (by: Interrupted): void => {
    if (controller === undefined) process.exit(by.exitCode);
    controller.abort(by);
  };
  // `coscribe --help | head -1`: what nobody reads is no problem of anybody.
  stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') interrupt(new Interrupted('SIGPIPE'));
    else {
      stderr.write(`What it has to say cannot be written: ${message}.\n`);
      process.exit(1);
    }
  });
  stderr.on('error', () => {});
  return {
    stdin,
    stdout,
    stderr,
    env,
    get signal() {
      controller ??= listen();
      return controller.signal;
    },
  };
}

/** Takes the signals over from Node, whose way is to end the process. */
function listen(): AbortController {
  const controller = new AbortController();
  let firstAt: number | undefined;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      const by = new Interrupted(name);
      const now = performance.now();
      if (firstAt === undefined) {
        firstAt = now;
        controller.abort(by);
      } else if (now - firstAt > SAME_SIGNAL_MS) process.exit(by.exitCode);
    });
  }
  return controller;
}
