/**
 * Bundles the page of the load tester's report (load/page/) into one file without anything outside,
 * dist/load/page/report.html: `coscribe load` writes it with a result in the place of `[[result]]`.
 *
 *   node scripts/build-report.mjs [--out FILE]
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'load/page');
const { values } = parseArgs({
  options: { out: { type: 'string', default: join(root, 'dist/load/page/report.html') } },
});

const uplot = JSON.parse(await readFile(join(root, 'node_modules/uplot/package.json'), 'utf8'));
const licence = (await readFile(join(root, 'node_modules/uplot/LICENSE'), 'utf8')).trim();
const common = { bundle: true, minify: true, write: false, target: 'es2022', legalComments: 'none' };
const [script, style] = await Promise.all([
  bundle({
    entryPoints: [join(source, 'report.ts')],
    format: 'iife',
    banner: { js: `/*! Coscribe, MIT. In it: uPlot ${uplot.version}.\n${licence} */` },
  }),
  bundle({ entryPoints: [join(source, 'report.css')] }),
]);
// A script in HTML ends at the first of these, wherever it stands.
if (/<\/script|<!--/i.test(script)) throw new Error('The script of the report holds what ends a script.');

const icon = await readFile(join(root, 'client/app/favicon.svg'));
/** Only what is in the file runs and shows; nothing is loaded, and nothing is sent. */
const policy = [
  "default-src 'none'",
  `script-src '${hashOf(script)}'`,
  `style-src '${hashOf(style)}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
const parts = {
  policy,
  script: `<script>${script}</script>`,
  style: `<style>${style}</style>`,
  // What is in here comes later, when there is something.
  data: '<script type="application/json" id="result">[[result]]</script>',
  icon: `data:image/svg+xml;base64,${icon.toString('base64')}`,
};

const html = await readFile(join(source, 'report.html'), 'utf8');
await mkdir(dirname(values.out), { recursive: true });
await writeFile(
  values.out,
  html.replace(/\[\[(.+?)\]\]/g, (_, name) => parts[name]),
);

async function bundle(options) {
  const { outputFiles } = await build({ ...common, ...options });
  return outputFiles[0].text.trim();
}

function hashOf(text) {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
