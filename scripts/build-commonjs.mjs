/**
 * Compiles the library to CommonJS below dist/cjs, file by file, for callers that `require` it: ES modules that are
 * required would come with `yjs.mjs`, while the caller's own `require('yjs')` is `yjs.cjs`, and two copies of Yjs in one
 * process do not know each other's documents. The type declarations are those that `tsc` wrote, as far as callers meet them.
 * There are no source maps: each file has what its ES module has, and says it alike.
 *
 *   node scripts/build-commonjs.mjs [--out DIRECTORY]
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'dist/cjs') } } });

/** What `exports` of package.json leads into. */
const FOLDERS = ['shared', 'client', 'server', 'contracts'];
/** Whose types callers meet: those of `exports`, and what the script adds to a page. */
const ENTRIES = [...FOLDERS.map((folder) => `${folder}/index.d.ts`), 'client/browser.d.ts'];
/** Not for callers: the pages, and the command, which is an ES module. */
const LEFT_OUT = /^(client\/app\/|server\/(main|run-server)\.ts$)/;

const sources = (await Promise.all(FOLDERS.map(sourcesOf)))
  .flat()
  .filter((path) => !LEFT_OUT.test(path))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
const usesMeta = ({ text }) => text.includes('import.meta.url');

rmSync(values.out, { recursive: true, force: true });
await Promise.all([
  compile(sources.filter((source) => !usesMeta(source))),
  compile(sources.filter(usesMeta), {
    define: { 'import.meta.url': 'moduleUrl' },
    banner: { js: "'use strict'; const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
  }),
]);
for (const declaration of declarationsFrom(ENTRIES)) {
  mkdirSync(dirname(join(values.out, declaration)), { recursive: true });
  cpSync(join(root, 'dist', declaration), join(values.out, declaration));
}
// The nearest package.json is asked for `type`, and by bundlers for `sideEffects`.
writeFileSync(
  join(values.out, 'package.json'),
  `${JSON.stringify({ type: 'commonjs', sideEffects: false })}\n`,
);

/** These declarations, and all that they name. */
function declarationsFrom(entries) {
  const found = new Set(entries.filter((path) => existsSync(join(root, 'dist', path))));
  // What is added meanwhile is looked at, too.
  for (const path of found) {
    const text = readFileSync(join(root, 'dist', path), 'utf8');
    for (const [, named] of text.matchAll(/(?:from |import\(|import )['"](\.[^'"]+)\.js['"]/g))
      found.add(posix.join(posix.dirname(path), `${named}.d.ts`));
  }
  return found;
}

async function sourcesOf(folder) {
  if (!existsSync(join(root, folder))) return [];
  const names = await readdir(join(root, folder), { recursive: true });
  return names.filter((name) => /(?<!\.d)\.ts$/.test(name)).map((name) => `${folder}/${name}`);
}

function compile(files, options = {}) {
  return build({
    entryPoints: files.map(({ path }) => join(root, path)),
    outdir: values.out,
    outbase: root,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
    ...options,
  });
}
