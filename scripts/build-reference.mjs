/**
 * Writes docs/api from the docstrings of what the package exports. With `--check` it writes nothing, and fails if something
 * else is there, or if something that can be imported, or is named by it, is not told of. The project has to be built before.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { origin, readExports } from './reference/declarations.mjs';
import { firstSentence, partPage } from './reference/markdown.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'docs/api');

/** Types that are given and taken, and never looked into. */
const OPAQUE = [
  'Connect',
  'KeepHost',
  'KeptCopy',
  'Option',
  'Options',
  'OwnServerOption',
  'Place',
  'PlaceRuns',
];

const ABOUT = {
  client:
    'What runs in pages, and in programs that take part as a client does: the provider, offline copies, text areas.',
  server: 'The server as a part of your program, its stores, hooks and webhooks.',
  shared: 'What both sides share: names, errors, and Yjs updates as they travel.',
  contracts: 'The tests that a store of your own has to pass.',
};

const CONFIG_TABLE = await optionsTable();
const ERRORS_TABLE = 'The table is in [PROTOCOL.md](../PROTOCOL.md#errors).';

const parts = new Map(
  Object.entries(ABOUT).map(([name, about]) => [
    `${name}.md`,
    {
      title: `coscribe/${name}`,
      about,
      exports: readExports(join(root, `dist/${name}/index.d.ts`)),
      after: {
        ERRORS: ERRORS_TABLE,
        ErrorCode: ERRORS_TABLE,
        Config: CONFIG_TABLE,
      },
    },
  ]),
);

const problems = missing();
const pages = new Map([
  ['README.md', index()],
  ...[...parts].map(([page, part]) => [page, partPage(part, parts)]),
]);
mkdirSync(target, { recursive: true });
for (const [page, text] of pages) {
  const path = join(target, page);
  const content = `${text}\n`;
  if (!process.argv.includes('--check')) writeFileSync(path, content);
  else if (read(path) !== content)
    problems.push(`docs/api/${page} is not what the docstrings say: npm run docs`);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

function index() {
  const sections = [...parts].map(([page, { title, about, exports }]) =>
    [
      `## [${title}](${page})`,
      about,
      exports
        .map(({ name, doc }) =>
          `- [\`${name}\`](${page}#${name.toLowerCase()}) ${firstSentence(doc)}`.trimEnd(),
        )
        .join('\n'),
    ].join('\n\n'),
  );
  return [
    '# What can be imported',
    'Made of the docstrings by `npm run docs`. Fields are read-only, unless it says otherwise. How it goes together: [the guides](../guides/README.md).',
    ...sections,
    '## coscribe/browser',
    'A file for `<script>` tags, `/coscribe.js` of every server: all of `coscribe/client` as the global `Coscribe`, with its Yjs as `Coscribe.Y`. See [A text area](../guides/text-area.md).',
  ].join('\n\n');
}

/** What nobody could find out: exports without a word, and types that are named and cannot be imported. */
function missing() {
  const sentences = [];
  const known = [...parts.values()].flatMap(({ exports }) => exports);
  for (const { title, exports } of parts.values())
    for (const { name, doc, file, uses, members } of exports) {
      if (doc === '' && members.every((member) => member.doc === ''))
        sentences.push(`${title}: ${name} has no docstring`);
      for (const used of uses) {
        const declared = origin(file, used);
        if (declared === undefined || OPAQUE.includes(used)) continue;
        if (!known.some((one) => one.file === declared.file && one.code === declared.code))
          sentences.push(`${title}: ${name} names the type ${used}, which is not exported`);
      }
    }
  return sentences;
}

/** The options of `Config` under their names in code. */
async function optionsTable() {
  const { OPTIONS } = await import(pathToFileURL(join(root, 'dist/server/config/options.js')).href);
  const rows = Object.entries(OPTIONS).map(([name, { default: value, sentence }]) => {
    const shown = value === '' || (Array.isArray(value) && value.length === 0) ? '' : `\`${value}\``;
    return `| \`${name}\` | ${shown} | ${sentence} |`;
  });
  return ['| option | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
