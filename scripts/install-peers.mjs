/** Installs the servers that the benchmark compares with, if bench/node_modules is missing or older than its lock file. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bench = join(dirname(fileURLToPath(import.meta.url)), '../bench');
const lock = join(bench, 'package-lock.json');
// npm writes this file at the end of an installation.
const installed = join(bench, 'node_modules/.package-lock.json');

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: bench, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
