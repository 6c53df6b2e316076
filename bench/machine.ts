import { existsSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

/** Where figures come from. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
}

export function thisMachine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: `Linux ${release()}`,
    node: process.version,
  };
}

/**
 * The installed version of each package, as a server in bench/peers/ would load it.
 *
 * @param root the project's root
 */
export function installedVersions(root: string, packages: readonly string[]): Record<string, string> {
  return Object.fromEntries([...new Set(packages)].sort().map((name) => [name, versionOf(root, name)]));
}

function versionOf(root: string, name: string): string {
  for (const folder of ['bench/node_modules', 'node_modules']) {
    const file = join(root, folder, name, 'package.json');
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  }
  return 'not installed';
}
