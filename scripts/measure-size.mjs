/**
 * What the client adds to a page, in bytes after minification and `gzip -9`, as a table or as JSON.
 *
 *   node scripts/measure-size.mjs [--json]
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });

const YJS = ['yjs', 'y-protocols/*', 'lib0/*'];
const OTHERS = ['socket.io-client', 'idb'];
const PACKAGES = [...YJS, ...OTHERS];
const PROVIDER = "export { CoscribeProvider } from './client/index.js';";
const TEXT_AREA = "export { bindTextarea, CoscribeProvider } from './client/index.js';";
const ALL = "export * from './client/index.js';";
/** A file and no code: what a package without side effects imports for its effect alone is left out. */
const SCRIPT = 'client/browser.ts';

/** What is bundled, and what of it the page has anyway or is counted elsewhere. */
const BUNDLES = {
  'provider, own code': [PROVIDER, PACKAGES],
  'provider and text area, own code': [TEXT_AREA, PACKAGES],
  'all, own code': [ALL, PACKAGES],
  'provider, with its parts of y-protocols and lib0': [PROVIDER, ['yjs', ...OTHERS]],
  'provider, with socket.io-client': [PROVIDER, YJS],
  'provider, with socket.io-client and yjs': [PROVIDER, []],
  'all, with socket.io-client': [ALL, YJS],
  'all, with socket.io-client and yjs': [ALL, []],
  'coscribe.js, the script with everything': [SCRIPT, []],
};

const sizes = await Promise.all(
  Object.entries(BUNDLES).map(async ([name, [code, external]]) => {
    const { outputFiles, metafile } = await build({
      ...(code === SCRIPT ? { entryPoints: [code] } : { stdin: { contents: code, resolveDir: root } }),
      absWorkingDir: root,
      bundle: true,
      minify: true,
      write: false,
      metafile: true,
      format: 'esm',
      target: 'es2022',
      legalComments: 'none',
      external,
    });
    const files = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
    return {
      name,
      bytes: gzipSync(outputFiles[0].contents, { level: 9 }).length,
      files: files.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path),
    };
  }),
);

if (values.json) console.log(JSON.stringify(sizes));
else for (const { name, bytes } of sizes) console.log(`${(bytes / 1000).toFixed(1).padStart(6)} kB  ${name}`);
