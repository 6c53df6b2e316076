/**
 * Removes from dist/ what was compiled from sources that are gone: `tsc` leaves it there, and it would be published.
 *
 *   node scripts/remove-stale.mjs [PROJECT]
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..');

for (const folder of ['shared', 'client', 'server', 'contracts', 'tools', 'load', 'cli']) {
  const compiled = join(root, 'dist', folder);
  if (!existsSync(compiled)) continue;
  for (const name of readdirSync(compiled, { recursive: true })) {
    const source = /^(.+)\.(?:d\.ts|js|js\.map)$/.exec(name)?.[1];
    if (source !== undefined && !existsSync(join(root, folder, `${source}.ts`))) rmSync(join(compiled, name));
  }
}
