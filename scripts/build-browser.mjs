/**
 * Bundles the client with all that it needs into one file for a `<script>` tag, dist/browser/coscribe.js (also
 * compressed), with its source map and the licences of the packages in it.
 *
 *   node scripts/build-browser.mjs [--out DIRECTORY]
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { writeCompressed } from './compress.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'dist/browser') } } });
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/**
 * Around everything: of the two scripts that widgets of a page bring along only the first one does anything. Before Yjs is
 * there, which would complain.
 */
const ONCE = `(function(){"use strict";var key=Symbol.for("coscribe.script");if(globalThis[key]){console.info("Coscribe: this page has the script already; once more it does nothing.");return}globalThis[key]=true;`;

const { outputFiles, metafile } = await build({
  entryPoints: [join(root, 'client/browser.ts')],
  outfile: join(values.out, 'coscribe.js'),
  absWorkingDir: root,
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  format: 'iife',
  target: 'es2022',
  sourcemap: true,
  legalComments: 'none',
  banner: { js: `/*! Coscribe ${version}, MIT; the packages in it: LICENSES.txt */\n${ONCE}` },
  footer: { js: '})();' },
});

await mkdir(values.out, { recursive: true });
await Promise.all([
  ...outputFiles.map(({ path, contents }) => {
    const file = join(values.out, basename(path));
    // The map is for whoever opens the developer tools.
    return path.endsWith('.map') ? writeFile(file, contents) : writeCompressed(file, contents);
  }),
  writeFile(join(values.out, 'LICENSES.txt'), licences()),
  // A script and no ES module, for whoever imports it for its effect.
  writeFile(join(values.out, 'package.json'), `${JSON.stringify({ type: 'commonjs', sideEffects: true })}\n`),
  writeFile(
    join(values.out, 'coscribe.d.ts'),
    '/// <reference path="../cjs/client/browser.d.ts" preserve="true" />\nexport {};\n',
  ),
]);

/** The MIT licence wants to be in every copy. */
function licences() {
  const names = Object.keys(metafile.inputs).map(
    (path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1],
  );
  const texts = [...new Set(names)]
    .filter((name) => name !== undefined)
    .sort()
    .map((name) => {
      const folder = join(root, 'node_modules', name);
      const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license'].find((one) =>
        existsSync(join(folder, one)),
      );
      if (file === undefined) throw new Error(`${name} has no licence file`);
      return `${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
    });
  return [`coscribe ${version}\n\n${readFileSync(join(root, 'LICENSE'), 'utf8').trim()}\n`, ...texts].join(
    '\n---\n\n',
  );
}
