import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Installs what a folder's lock file names, if its node_modules is missing or older than that.
 *
 * @param {string} folder with a package.json of its own, from the project's root
 * @returns {number} exit code of npm; 0 if there was nothing to do
 */
export function installPeers(folder) {
  const cwd = join(root, folder);
  // npm writes this file at the end of an installation.
  const installed = join(cwd, 'node_modules/.package-lock.json');
  const lock = join(cwd, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return 0;
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd, stdio: ['ignore', 2, 2] });
  return status ?? 1;
}
