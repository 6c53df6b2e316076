/**
 * Installs what the examples are made of (examples/node_modules) and builds their pages (dist/examples/pages), each only if
 * it is missing or older than what it is made from. The project itself has to be built before.
 *
 * Several may be started at the same time: one works, the others wait for it.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const LOOK_EVERY_MS = 100;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const examples = join(root, 'examples');
const modules = join(examples, 'node_modules');
const lock = join(root, 'dist/examples.lock');

await takeLock();
try {
  // npm writes this file at the end of an installation.
  const installed = join(modules, '.package-lock.json');
  if (isStale(installed, [join(examples, 'package-lock.json')]))
    run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund']);
  const page = join(root, 'dist/examples/pages/index.html');
  if (isStale(page, sources()))
    run(process.execPath, [join(modules, 'vite/bin/vite.js'), 'build', '--logLevel', 'warn']);
} finally {
  rmSync(lock, { force: true });
}

function run(command, args) {
  // Standard output is for who reads the server's.
  const { status } = spawnSync(command, args, {
    cwd: examples,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (status === 0) return;
  console.error(`In examples/ this failed: ${command} ${args.join(' ')}`);
  process.exitCode = 1;
}

/** The examples' own files, what is installed, and the parts of the project that they bundle. */
function sources() {
  const bundled = ['client', 'shared'].flatMap((name) => filesIn(join(root, 'dist', name), /\.js$/));
  return [...filesIn(examples, /./), ...bundled, join(modules, '.package-lock.json')];
}

function filesIn(folder, names) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesIn(path, names);
      return names.test(entry.name) ? [path] : [];
    });
}

function isStale(result, from) {
  if (!existsSync(result)) return true;
  const at = statSync(result).mtimeMs;
  return from.some((path) => statSync(path).mtimeMs > at);
}

async function takeLock() {
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      const file = openSync(lock, 'wx');
      writeSync(file, `${process.pid}`);
      closeSync(file);
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (isLeft()) rmSync(lock, { force: true });
      else await pause(LOOK_EVERY_MS);
    }
  }
}

/** Whether whoever took the lock has ended without giving it back. */
function isLeft() {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
