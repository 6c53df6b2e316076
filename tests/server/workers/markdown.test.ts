import { describe, expect, test } from '@jest/globals';
import { marked } from 'marked';
import * as Y from 'yjs';
import { markdownOf } from '../../../server/workers/markdown.js';
import { between, forSeeds } from '../../support/seeds.js';

type Attributes = Readonly<Record<string, unknown>>;
type Delta = readonly { readonly insert: unknown; readonly attributes?: Attributes }[];

/** A text that an editor of Quill's kind has written. */
function quill(delta: Delta): Y.Text {
  const text = new Y.Doc().getText('text');
  text.applyDelta(delta as unknown[]);
  return text;
}

/** An element of ProseMirror's: `['heading', { level: 2 }, 'Plan']`. Strings are text, deltas are text with marks. */
type Node = string | Delta | readonly [name: string, ...(Attributes | Node)[]];

function isElement(node: Node): node is readonly [string, ...(Attributes | Node)[]] {
  return Array.isArray(node) && typeof node[0] === 'string';
}

function append(parent: Y.XmlFragment, node: Node): void {
  if (!isElement(node)) {
    const text = new Y.XmlText();
    parent.push([text]);
    text.applyDelta(typeof node === 'string' ? [{ insert: node }] : [...node]);
    return;
  }
  const [name, ...rest] = node;
  const element = new Y.XmlElement(name);
  parent.push([element]);
  for (const part of rest) {
    if (typeof part === 'string' || Array.isArray(part)) append(element, part as Node);
    else for (const [key, value] of Object.entries(part)) element.setAttribute(key, value as string);
  }
}

function prose(...nodes: readonly Node[]): Y.XmlFragment {
  const fragment = new Y.Doc().getXmlFragment('prosemirror');
  for (const node of nodes) append(fragment, node);
  return fragment;
}

const p = (...inside: readonly Node[]): Node => ['paragraph', ...inside];
const line = (insert: string, attributes?: Attributes): Delta => [
  { insert },
  { insert: '\n', ...(attributes && { attributes }) },
];

describe('a text without formats', () => {
  test.each(['', '# Plan\n\n* milk & <b>\n', '  a\\b_c_ `', '1. x\n2. y'])(
    '[MARK1] %j is Markdown already',
    (text) => {
      const shared = new Y.Doc().getText('text');
      shared.insert(0, text);
      expect(markdownOf(shared)).toBe(text);
    },
  );

  test('[MARK1] maps and arrays have no text', () => {
    expect(markdownOf(new Y.Doc().getMap('map'))).toBe('');
    expect(markdownOf(new Y.Doc().getArray('array'))).toBe('');
  });
});

/** What Quill writes, as Markdown, and as a browser shows that. */
const QUILL: readonly (readonly [what: string, delta: Delta, markdown: string])[] = [
  ['paragraphs', [{ insert: 'one\ntwo\n\nthree', attributes: { color: 'red' } }], 'one\n\ntwo\n\nthree\n'],
  ['headings', [...line('Plan', { header: 1 }), ...line('Part', { header: 3 })], '# Plan\n\n### Part\n'],
  [
    'bold, italic, strike, code and links',
    [
      { insert: 'b', attributes: { bold: true } },
      { insert: ' ' },
      { insert: 'i', attributes: { italic: true } },
      { insert: ' ' },
      { insert: 's', attributes: { strike: true } },
      { insert: ' ' },
      { insert: 'c*`', attributes: { code: true } },
      { insert: ' ' },
      { insert: 'here', attributes: { link: 'https://example.com/a(b)' } },
      { insert: '\n' },
    ],
    '**b** *i* ~~s~~ `` c*` `` [here](https://example.com/a\\(b\\))\n',
  ],
  [
    'marks within marks, and space at their ends',
    [
      { insert: 'a ', attributes: { bold: true } },
      { insert: 'b', attributes: { bold: true, italic: true } },
      { insert: ' c', attributes: { italic: true } },
      { insert: 'd\n' },
    ],
    '**a *b*** *c*d\n',
  ],
  [
    'marks next to letters and punctuation',
    [
      { insert: 'a' },
      { insert: '"b"', attributes: { bold: true } },
      { insert: 'c' },
      { insert: 'd', attributes: { bold: true } },
      { insert: 'e', attributes: { italic: true } },
      { insert: '\n' },
    ],
    '&#97;**"b"**&#99;**d**<!-- -->*e*\n',
  ],
  [
    'lists within lists',
    [
      ...line('one', { list: 'ordered' }),
      ...line('deep', { list: 'bullet', indent: 1 }),
      ...line('two', { list: 'ordered' }),
      ...line('done', { list: 'checked' }),
      ...line('open', { list: 'unchecked' }),
      ...line('after'),
    ],
    '1. one\n   - deep\n2. two\n\n- [x] done\n- [ ] open\n\nafter\n',
  ],
  [
    'quotes and code',
    [
      ...line('said', { blockquote: true }),
      ...line('more', { blockquote: true }),
      ...line('if (a < b) {', { 'code-block': 'javascript' }),
      ...line('```', { 'code-block': 'javascript' }),
      ...line('plain', { 'code-block': true }),
    ],
    '> said\n>\n> more\n\n````javascript\nif (a < b) {\n```\n````\n\n```\nplain\n```\n',
  ],
  [
    'images and other embeds',
    [
      { insert: { image: 'https://example.com/a b.png' }, attributes: { alt: 'A [cat]' } },
      { insert: { formula: 'a_1' } },
      { insert: { mention: { value: 'Bob' } } },
      { insert: { image: 'javascript:alert(1)' } },
      { insert: '\n' },
    ],
    '![A \\[cat\\]](https://example.com/a%20b.png)a_1Bob\n',
  ],
  [
    'tables',
    [
      ...line('a', { table: 'row-1' }),
      ...line('b|c', { table: 'row-1' }),
      ...line('d', { table: 'row-2' }),
      ...line('', { table: 'row-2' }),
    ],
    '| a | b&#124;c |\n| --- | --- |\n| d |  |\n',
  ],
  [
    'links into scripts are none',
    [{ insert: 'x', attributes: { link: ' JavaScript:alert(1)' } }, { insert: '\n' }],
    'x\n',
  ],
];

describe('text as Quill formats it', () => {
  test.each(QUILL)('[MARK2] %s', (_, delta, markdown) => {
    expect(markdownOf(quill(delta))).toBe(markdown);
  });

  test('[MARK2] a text within a text is a paragraph of its own', () => {
    const text = new Y.Doc().getText('root');
    for (const words of ['one', 'two']) {
      const inner = new Y.XmlText();
      text.insertEmbed(text.length, inner);
      inner.insert(0, words, words === 'two' ? { bold: true } : {});
    }
    expect(markdownOf(text)).toBe('one\n\n**two**\n');
  });
});

const PROSE: readonly (readonly [what: string, nodes: readonly Node[], markdown: string])[] = [
  ['paragraphs', [p('one'), p(), p('two')], 'one\n\ntwo\n'],
  ['headings', [['heading', { level: 2 }, 'Plan #']], '## Plan \\#\n'],
  [
    'marks of ProseMirror and Tiptap',
    [
      p([
        { insert: 'a', attributes: { strong: {} } },
        { insert: ' ' },
        { insert: 'b', attributes: { em: {} } },
        { insert: ' ' },
        { insert: 'c', attributes: { bold: {}, 'comment--1': { id: 7 } } },
        { insert: ' ' },
        { insert: 'd', attributes: { 'link--x': { href: '/d' } } },
      ]),
    ],
    '**a** *b* **c** [d](/d)\n',
  ],
  [
    'lists',
    [
      [
        'bulletList',
        ['listItem', p('one')],
        ['listItem', p('two'), ['bullet_list', ['list_item', p('deep')]]],
      ],
      ['bulletList', ['listItem', p('other list')]],
      ['orderedList', { start: 9 }, ['listItem', p('nine')], ['listItem', p('ten'), p('more')]],
      ['taskList', ['taskItem', { checked: true }, p('done')], ['taskItem', { checked: false }, p('open')]],
    ],
    '- one\n- two\n  - deep\n\n+ other list\n\n9. nine\n\n10. ten\n\n    more\n\n- [x] done\n- [ ] open\n',
  ],
  [
    'quotes, code and rules',
    [
      ['blockquote', p('said'), ['codeBlock', { language: 'ts' }, 'a\n\nb']],
      ['horizontalRule'],
      ['code_block', 'c'],
    ],
    '> said\n>\n> ```ts\n> a\n>\n> b\n> ```\n\n***\n\n```\nc\n```\n',
  ],
  [
    'breaks and images',
    [
      p('one', ['hardBreak'], '# two', ['hard_break']),
      ['image', { src: '/a.png', alt: 'A' }],
      p('see ', ['image', { src: '/b.png' }]),
    ],
    'one\\\n\\# two\n\n![A](/a.png)\n\nsee ![](/b.png)\n',
  ],
  [
    'tables',
    [
      [
        'table',
        ['tableRow', ['tableHeader', p('a')], ['tableHeader', p('b')]],
        [
          'tableRow',
          ['tableCell', p('one'), p('two')],
          ['tableCell', ['bulletList', ['listItem', p('x|y')]]],
        ],
      ],
    ],
    '| a | b |\n| --- | --- |\n| one<br>two | x&#124;y |\n',
  ],
  [
    'what is not known, as its text',
    [
      ['callout', { kind: 'note' }, p('note'), p('well')],
      p('hello ', ['mention', { label: 'Ada' }], ' and ', ['sparkle', 'you']),
      ['details', ['summary', 'more'], p('inside')],
    ],
    'note\n\nwell\n\nhello Ada and you\n\nmore\n\ninside\n',
  ],
];

describe('XML as ProseMirror and Tiptap write it', () => {
  test.each(PROSE)('[MARK3] %s', (_, nodes, markdown) => {
    expect(markdownOf(prose(...nodes))).toBe(markdown);
  });

  test('[MARK3] an element by itself', () => {
    const fragment = prose(['blockquote', p('said')]);
    expect(markdownOf(fragment.get(0))).toBe('> said\n');
  });
});

/** What a reader of Markdown sees. */
function shown(markdown: string): string {
  const html = marked.parse(markdown, { async: false }) as string;
  return html
    .replace(/<!--.*?-->/g, '')
    .replace(/<br>\n?/g, '\n')
    .replace(/<\/?(?:p|strong|em|del|code|a|h\d|li|ul|ol|blockquote|pre)\b[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&(lt|gt|quot|amp);/g, (_, name: keyof typeof ENTITIES) => ENTITIES[name])
    .replace(/\s+/g, ' ')
    .trim();
}

const ENTITIES = { lt: '<', gt: '>', quot: '"', amp: '&' } as const;

const NASTY = [
  ...['# ', '- ', '+ ', '* ', '1. ', '2) ', '> ', '---', '===', '```', '~~~', '***', '| a |', '|---|'],
  ...[
    '*a*',
    '_a_',
    '__',
    '~~a~~',
    '`',
    '[a](b)',
    '![',
    '[x]: y',
    '<b>',
    '<!--',
    '&amp;',
    '&#35;',
    '\\',
    '\\*',
  ],
  ...[
    'https://e.x/a_b*c',
    'www.e.x/~u',
    'a@b.co',
    'snake_case',
    'é',
    '漢',
    '😀',
    '!',
    '(',
    ')',
    ':',
    'word',
    ' ',
    ' ',
    '\n',
  ],
];
/** One at a time: of marks within marks the reader that judges here does not take all that CommonMark allows. */
const MARKS: readonly Attributes[] = [
  { bold: true },
  { italic: true },
  { strike: true },
  { code: true },
  { link: '/x' },
];

describe('Markdown that is read back', () => {
  test('[MARK4] shows the text that was written, whatever is in it', () => {
    forSeeds(300, 'tests/server/workers/markdown.test.ts -t MARK4', (random) => {
      let words = '';
      for (let left = between(random, 1, 12); left > 0; left--)
        words += NASTY[between(random, 0, NASTY.length - 1)];
      const text = quill([{ insert: words, attributes: { color: 'red' } }, { insert: '\n' }]);
      expect(shown(markdownOf(text))).toBe(words.replace(/\s+/g, ' ').trim());
      const fragment = prose(['heading', { level: 2 }, words], ['bulletList', ['listItem', p(words)]]);
      expect(shown(markdownOf(fragment))).toBe(`${words} ${words}`.replace(/\s+/g, ' ').trim());
    });
  });

  test('[MARK4] shows what was bold, italic, struck out, code or a link, and nothing else so', () => {
    const tags = { bold: 'strong', italic: 'em', strike: 'del', code: 'code', link: 'a' };
    forSeeds(300, 'tests/server/workers/markdown.test.ts -t MARK4', (random) => {
      const runs = Array.from({ length: between(random, 1, 8) }, (_, at) => ({
        insert: `${['one ', 'two', ' three ', 'four', ' '][between(random, 0, 4)]}${at % 2 === 0 ? '' : ' '}`,
        attributes: random() < 0.5 ? (MARKS[between(random, 0, MARKS.length - 1)] ?? {}) : { color: 'red' },
      }));
      const html = marked.parse(markdownOf(quill([...runs, { insert: '\n' }])), { async: false }) as string;
      for (const [mark, tag] of Object.entries(tags)) {
        const within = [...html.matchAll(new RegExp(`<${tag}\\b[^>]*>(.*?)</${tag}>`, 'gs'))].map(
          ([, inside]) => inside,
        );
        const wanted = runs.filter(({ attributes }) => mark in attributes).map(({ insert }) => insert);
        expect(letters(within.join(''))).toBe(letters(wanted.join('')));
      }
    });
  });

  function letters(html: string): string {
    return html
      .replace(/<[^>]*>/g, '')
      .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
      .replace(/\s/g, '');
  }
});

test('[MARK5] a large text takes time in proportion to its length', () => {
  const runs = Array.from({ length: 20_000 }, (_, at) => ({
    insert: `word${at} `,
    attributes: at % 2 === 0 ? { bold: true } : { italic: true },
  }));
  const markdown = markdownOf(quill([...runs, { insert: '\n' }]));
  expect(markdown.startsWith('**word0** *word1* **word2** ')).toBe(true);
  expect(markdown.length).toBeGreaterThan(20_000 * 8);
});

test('[MARK5] so does a list that is indented further with each line', () => {
  const sizeOf = (lines: number): number =>
    markdownOf(
      quill(
        Array.from({ length: lines }, (_, indent) => [
          { insert: 'a' },
          { insert: '\n', attributes: { list: 'bullet', indent } },
        ]).flat(),
      ),
    ).length;
  expect(sizeOf(6_000)).toBeLessThan(3 * sizeOf(3_000));
});
