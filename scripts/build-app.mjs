/**
 * Bundles the pages of client/app/ into dist/public: scripts, styles and pictures under names that carry a hash of
 * their content (so that browsers may keep them for ever), compressed ahead of time, the HTML that names them, and the
 * service worker, which knows all of them.
 *
 *   node scripts/build-app.mjs [--out DIRECTORY]
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { writeCompressed } from './compress.mjs';

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
const [modules, blocking, styles, admin] = await Promise.all([
  build({
    ...common,
    entryPoints: ['home.ts', 'document.ts'].map((name) => join(source, name)),
    format: 'esm',
    // What both need is in files of its own; the list loads what delivers changes only when it has some.
    splitting: true,
    chunkNames: 'part-[hash]',
    metafile: true,
    legalComments: 'none',
  }),
  // Runs before the first paint, so it is no module: modules wait for the document.
  build({ ...common, entryPoints: [join(source, 'theme-boot.ts')], format: 'iife' }),
  build({ ...common, entryPoints: [join(source, 'style.css')] }),
  // The operators' page is for few: nobody else loads anything of it.
  build({
    ...common,
    entryPoints: ['admin.ts', 'admin.css'].map((name) => join(source, 'admin', name)),
    format: 'esm',
    legalComments: 'none',
    banner: { js: '/*! with uPlot, Copyright (c) 2025 Leon Sorokin, MIT License */' },
  }),
]);
const icon = await readFile(join(source, 'favicon.svg'));
const iconHash = createHash('sha256').update(icon).digest('hex').slice(0, 8).toUpperCase();

const filesOf = ({ outputFiles }) =>
  outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }));
/** What the pages that open without a network are made of. */
const kept = [
  ...[modules, blocking, styles].flatMap(filesOf),
  { name: `favicon-${iconHash}.svg`, contents: icon },
];
const outputs = [...kept, ...filesOf(admin)];
/** `home.js` → `/assets/home-5F2K7Q3D.js` */
const addresses = new Map(
  outputs
    .filter(({ name }) => !name.startsWith('part-'))
    .map(({ name }) => [name.replace(/-[0-9A-Z]{8}(?=\.\w+$)/, ''), `/assets/${name}`]),
);

const pages = await Promise.all(
  ['home.html', 'document.html', 'error.html', 'admin/admin.html'].map(async (path) => {
    const html = await readFile(join(source, path), 'utf8');
    const filled = html.replace(/\[\[(.+?)\]\]/g, (_, key) => address(path, key));
    const contents = filled.replace(/^.*<script type="module" src="(.+?)".*\n/m, withParts);
    return { name: basename(path), contents };
  }),
);
// Pages name assets, and those carry their hash: whatever changes is in here.
const version = createHash('sha256');
for (const { name, contents } of pages) if (name !== 'admin.html') version.update(contents);
const bundle = {
  version: version.digest('hex').slice(0, 12),
  assets: kept.map(({ name }) => `/assets/${name}`).sort(),
  scripts: { home: address('the worker', 'home.js'), document: address('the worker', 'document.js') },
};
const worker = await build({
  ...common,
  entryPoints: [join(source, 'service-worker.ts')],
  entryNames: '[name]',
  format: 'iife',
  define: { PAGE_BUNDLE: JSON.stringify(bundle) },
});

await rm(values.out, { recursive: true, force: true });
await mkdir(assets, { recursive: true });
await Promise.all([
  ...outputs.map(({ name, contents }) => writeCompressed(join(assets, name), contents)),
  ...worker.outputFiles.map(({ contents }) =>
    writeCompressed(join(values.out, 'service-worker.js'), contents),
  ),
  ...pages.map(({ name, contents }) => writeFile(join(values.out, name), contents)),
]);

/** A script, and what it begins with by loading, so that all of it is loaded at the same time. */
function withParts(line, script) {
  const found = Object.entries(modules.metafile.outputs).find(
    ([path]) => basename(path) === basename(script),
  );
  const parts = (found?.[1].imports ?? []).filter(({ kind }) => kind === 'import-statement');
  const links = parts.map(({ path }) => `  <link rel="modulepreload" href="/assets/${basename(path)}">\n`);
  return line + links.join('');
}

function address(page, key) {
  const found = addresses.get(key);
  if (found === undefined) throw new Error(`${page} names ${key}, which is not in the bundle`);
  return found;
}
