import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package that this code belongs to, as it lies on disk. */
export interface Installation {
  readonly version: string;
  /** The pages as the build wrote them. */
  readonly publicDir: string;
}

/** Found by going up from here: compiled code lies one folder deeper than its sources. */
export function findInstallation(): Installation {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { version, publicDir: join(folder, 'dist', 'public') };
}
