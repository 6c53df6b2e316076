import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../usage-error.js';
import { Display } from './display.js';
import type { KeeperMessage } from './messages.js';
import { readOptions, USAGE } from './options.js';

/** npm passes a Ctrl-C on that the terminal has already sent: two of them within this time are one, in milliseconds. */
const SAME_SIGNAL_MS = 500;

/** @returns the exit code */
async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (options === undefined) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const { data } = options;
  if (data !== undefined) mkdirSync(data, { recursive: true });
  const temporary = mkdtempSync(join(tmpdir(), 'coscribe-cluster-'));
  // PostgreSQL does not run as root, and has to reach its folder in there.
  chmodSync(temporary, 0o711);
  try {
    return await keep(temporary, data ?? temporary, argv);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Has the cluster run until somebody stops it. @returns the exit code */
async function keep(temporary: string, folder: string, argv: readonly string[]): Promise<number> {
  const display = new Display(process.stdout);
  const script = fileURLToPath(new URL('./keeper.js', import.meta.url));
  const keeper = fork(script, [temporary, folder, ...argv], {
    detached: true,
    // So that nothing is left that it could not remove.
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let code: number | undefined;
  keeper.on('message', (message: KeeperMessage) => {
    if (message.kind === 'status') display.show(message.status);
    else if (message.kind === 'starting') display.say(`Starting ${message.what} …`);
    else {
      display.wipe();
      if (message.kind === 'failed') process.stderr.write(`${message.problem}\n`);
      code = message.kind === 'stopped' && message.clean ? 0 : 1;
    }
  });
  passSignals(keeper, display);
  await new Promise<void>((resolve) => keeper.once('exit', () => resolve()));
  // What is left if it could not do that itself.
  if (code !== 0) endGroup(keeper);
  if (code === undefined) {
    display.wipe();
    process.stderr.write('Ended at once; what was under way may be lost.\n');
    return 1;
  }
  if (code === 0) display.say('Stopped in order.');
  return code;
}

function passSignals(keeper: ChildProcess, display: Display): void {
  let firstAt: number | undefined;
  const stop = (): void => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      display.say('Stopping: the nodes save what they have; Ctrl-C again stops at once');
      if (keeper.connected) keeper.send('stop');
    } else if (now - firstAt >= SAME_SIGNAL_MS) endGroup(keeper);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** The keeper and all that it has started, which has the keeper's process group. */
function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const usage = error instanceof UsageError;
    process.stderr.write(
      `${usage || !(error instanceof Error) ? String(error).replace(/^UsageError: /, '') : error.stack}\n`,
    );
    process.exit(usage ? 2 : 1);
  },
);
