/** Writes the exports of a part of the package as Markdown. */
import { origin } from './declarations.mjs';

/** Longer code is not shown: it is a table that has a place of its own. */
const MAX_LINES = 16;

const GROUPS = [
  ['Classes', ({ kind }) => kind === 'class'],
  ['Functions', ({ kind }) => kind === 'function'],
  ['Types', ({ kind }) => kind === 'interface' || kind === 'type'],
  ['Constants', ({ kind }) => kind === 'constant'],
];

/**
 * @param part `{ title, about, exports, after }`; `after` has text for exports by name
 * @param parts all of them by their file's name, for links
 */
export function partPage(part, parts) {
  const groups = GROUPS.map(([title, isIn]) => [title, part.exports.filter(isIn)]).filter(
    ([, members]) => members.length > 0,
  );
  return [
    `# ${part.title}`,
    part.about,
    ...groups.map(([title, members]) => `${title}: ${members.map(({ name }) => link(name, '')).join(' · ')}`),
    ...groups.flatMap(([title, members]) => [
      `## ${title}`,
      ...members.map((one) => section(one, part, parts)),
    ]),
  ].join('\n\n');
}

/** The first sentence of a docstring. */
export function firstSentence(doc) {
  const [paragraph = ''] = doc.split(/\n\n|\n@|^@/);
  const line = paragraph.replaceAll('\n', ' ');
  return /^.*?[.:](?= [A-Z`]|$)/.exec(line)?.[0].replace(/:$/, '.') ?? line;
}

function section(one, part, parts) {
  const { name, kind, doc, members, heritage } = one;
  const listed = kind === 'class' || kind === 'interface';
  return [
    `### ${name}`,
    ...(heritage.length > 0
      ? [
          `${kind === 'class' ? 'A class, and' : 'Also'} ${heritage.map((parent) => `\`${parent}\``).join(', ')}.`,
        ]
      : []),
    ...prose(doc),
    ...(part.after[name] === undefined ? [] : [part.after[name]]),
    ...(listed ? [members.map(bullet).join('\n')] : [codeOf(one)]),
    ...seeAlso(one, part, parts),
  ]
    .filter((text) => text !== '')
    .join('\n\n');
}

function codeOf({ name, code }) {
  const shown = code.replaceAll(/^export (declare )?/gm, '');
  if (shown.split('\n').length <= MAX_LINES) return `\`\`\`typescript\n${shown}\n\`\`\``;
  return /^(const|type) /.test(shown) ? '' : fail(`${name} is too long to be shown`);
}

function bullet({ code, doc }) {
  const signature = code
    .replace(/;$/, '')
    .replace(/^readonly /, '')
    .replace(/\/\*\*(?:(?!\*\/)[\s\S])*\*\//g, '')
    .replaceAll(/\s+/g, ' ');
  const [first = '', ...rest] = prose(doc);
  return [`- \`${signature}\`${first === '' ? '' : `  \n${first}`}`, ...rest]
    .join('\n\n')
    .replaceAll(/\n(?=.)/g, '\n  ');
}

/** Paragraphs of a docstring; what its tags say comes after the rest. */
function prose(doc) {
  const [text = '', ...tags] = doc.split(/(?:^|\s)@(?=(?:param|returns|throws)\s)/);
  const said = tags.map((tag) => {
    const [, kind, rest = ''] = /^(\w+)\s+([\s\S]*)$/.exec(tag) ?? [];
    if (kind === 'throws') return `- Throws ${rest.trim()}`;
    if (kind === 'returns') return `- Returns ${rest.trim()}`;
    const [, name, what] = /^(\S+)\s+([\s\S]*)$/.exec(rest) ?? fail(`what does this say: @${tag}`);
    return `- \`${name}\`: ${what.trim()}`;
  });
  const paragraphs = text.trim() === '' ? [] : [text.trim()];
  if (said.length > 0) paragraphs.push(said.map((line) => line.replaceAll('\n', '\n  ')).join('\n'));
  return paragraphs;
}

/** Links to the types that stand in the code, where Markdown takes none. */
function seeAlso({ file, name, uses }, part, parts) {
  const links = [...uses].flatMap((used) => {
    const declared = origin(file, used);
    if (declared === undefined || used === name) return [];
    const isThat = (other) => other.file === declared.file && other.code === declared.code;
    const here = part.exports.find(isThat);
    if (here !== undefined) return [link(here.name, '')];
    for (const [page, { exports }] of parts) {
      const there = exports.find(isThat);
      if (there !== undefined) return [link(there.name, page)];
    }
    return [];
  });
  return links.length === 0 ? [] : [`See ${links.join(', ')}.`];
}

function link(name, page) {
  return `[${name}](${page}#${name.toLowerCase()})`;
}

function fail(sentence) {
  throw new Error(sentence);
}
