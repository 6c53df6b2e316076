/**
 * Bundles the pages of client/app/ into dist/public: scripts, styles and pictures under names that carry a hash of
 * their content (so that browsers may keep them for ever), compressed ahead of time, and the HTML that names them.
 *
 *   node scripts/build-app.mjs [--out DIRECTORY]
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'client/app');
const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'dist/public') } } });
const assets = join(values.out, 'assets');

const common = {
  bundle: true,
  minify: true,
  write: false,
  outdir: assets,
  entryNames: '[name]-[hash]',
  target: 'es2022',
};
const [modules, blocking, styles] = await Promise.all([
  build({
    ...common,
    entryPoints: ['home.ts', 'document.ts'].map((name) => join(source, name)),
    format: 'esm',
    legalComments: 'none',
  }),
  // Runs before the first paint, so it is no module: modules wait for the document.
  build({ ...common, entryPoints: [join(source, 'theme-boot.ts')], format: 'iife' }),
  build({ ...common, entryPoints: [join(source, 'style.css')] }),
]);
const icon = await readFile(join(source, 'favicon.svg'));
const iconHash = createHash('sha256').update(icon).digest('hex').slice(0, 8).toUpperCase();

const outputs = [
  ...[...modules.outputFiles, ...blocking.outputFiles, ...styles.outputFiles].map(({ path, contents }) => ({
    name: basename(path),
    contents,
  })),
  { name: `favicon-${iconHash}.svg`, contents: icon },
];
/** `home.js` → `/assets/home-5F2K7Q3D.js` */
const addresses = new Map(
  outputs.map(({ name }) => [name.replace(/-[0-9A-Z]{8}(?=\.\w+$)/, ''), `/assets/${name}`]),
);

await rm(values.out, { recursive: true, force: true });
await mkdir(assets, { recursive: true });
const brotli = promisify(brotliCompress);
await Promise.all([
  ...outputs.flatMap(({ name, contents }) => [
    writeFile(join(assets, name), contents),
    brotli(contents, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: contents.length,
      },
    }).then((small) => writeFile(join(assets, `${name}.br`), small)),
    promisify(gzip)(contents, { level: 9 }).then((small) => writeFile(join(assets, `${name}.gz`), small)),
  ]),
  ...['home.html', 'document.html', 'error.html'].map(async (name) => {
    const html = await readFile(join(source, name), 'utf8');
    await writeFile(
      join(values.out, name),
      html.replace(/\[\[(.+?)\]\]/g, (_, key) => address(name, key)),
    );
  }),
]);

function address(page, key) {
  const found = addresses.get(key);
  if (found === undefined) throw new Error(`${page} names ${key}, which is not in the bundle`);
  return found;
}
