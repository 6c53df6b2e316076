/**
 * Lets the compiled commands be run: `tsc` writes plain files, npm makes them executable only when it links them, and it
 * links the command of one folder once. After a fresh clone into the same folder `npx coscribe` would find a link to a file
 * that may not be run.
 *
 *   node scripts/make-executable.mjs [PROJECT]
 */
import { chmodSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..');
const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

for (const path of Object.values(bin)) chmodSync(join(root, path), 0o755);
