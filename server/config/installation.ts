import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package that this code belongs to, as it lies on disk. */
export interface Installation {
  readonly version: string;
  /** The pages as the build wrote them. */
  readonly publicDir: string;
  /** The file for `<script>` tags in other pages, as the build wrote it. */
  readonly browserDir: string;
}

/**
 * Found by going up from here: compiled code lies one or two folders deeper than its sources, and the CommonJS build has a
 * package.json of its own, without a version.
 *
 * @throws Error if this code was copied out of its package
 */
export function findInstallation(): Installation {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; folder !== dirname(folder); folder = dirname(folder)) {
    const version = versionAt(join(folder, 'package.json'));
    if (version === undefined) continue;
    const dist = join(folder, 'dist');
    return { version, publicDir: join(dist, 'public'), browserDir: join(dist, 'browser') };
  }
  throw new Error(`no package.json with a version above ${here}; leave "coscribe" out of server bundles`);
}

function versionAt(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version?: string }).version;
}
