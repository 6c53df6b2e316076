import * as Y from 'yjs';
import type { Block, Cell, ListItem } from './markdown-blocks.js';
import type { Inline } from './markdown-inline.js';
import { addressOf, wordsOf } from './markdown-marks.js';
import { inlineOfText, textWithin } from './markdown-text.js';

type Node = Y.XmlElement | Y.XmlText | Y.XmlHook;

/** XML as ProseMirror and Tiptap write it: elements are its nodes, the attributes of text its marks. */
export function blocksOfXml(fragment: Y.XmlFragment): Block[] {
  return fragment instanceof Y.XmlElement ? blocksOfElement(fragment) : blocksOf(childrenOf(fragment));
}

/** What stands beside one another: text and what belongs into a line are paragraphs together. */
function blocksOf(nodes: readonly Node[]): Block[] {
  const hasText = nodes.some((node) => node instanceof Y.XmlText);
  const blocks: Block[] = [];
  let line: Inline[] = [];
  const finish = (): void => {
    if (line.length > 0) blocks.push({ kind: 'paragraph', content: line });
    line = [];
  };
  for (const node of nodes) {
    const isInline = !(node instanceof Y.XmlElement) || INLINE.has(kindOf(node));
    if (isInline || (hasText && !BLOCKS.has(kindOf(node)))) line.push(...inlineOf(node));
    else {
      finish();
      blocks.push(...blocksOfElement(node));
    }
  }
  finish();
  return blocks;
}

/** `bulletList`, `bullet_list` and `BulletList` are the same. */
function kindOf(element: Y.XmlElement): string {
  return element.nodeName.replace(/[^a-z]/gi, '').toLowerCase();
}

type Reader = (element: Y.XmlElement) => Block[];

const list: Reader = (element) => [{ kind: 'list', items: itemsOf(element) }];

const BLOCKS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['paragraph', (element) => blocksOf(childrenOf(element))],
  [
    'heading',
    (element) => [
      { kind: 'heading', level: Number(attributeOf(element, 'level')), content: contentOf(element) },
    ],
  ],
  ['codeblock', (element) => [codeOf(element)]],
  ['blockquote', (element) => [{ kind: 'quote', blocks: blocksOf(childrenOf(element)) }]],
  ['bulletlist', list],
  ['tasklist', list],
  ['todolist', list],
  ['orderedlist', (element) => [{ kind: 'list', start: startOf(element), items: itemsOf(element) }]],
  ['horizontalrule', () => [{ kind: 'rule' }]],
  ['table', (element) => [{ kind: 'table', rows: rowsOf(element) }]],
]);
const INLINE: ReadonlySet<string> = new Set(['hardbreak', 'image', 'mention', 'emoji']);

function blocksOfElement(element: Y.XmlElement): Block[] {
  const read = BLOCKS.get(kindOf(element));
  return read === undefined ? blocksOf(childrenOf(element)) : read(element);
}

function inlineOf(node: Node): Inline[] {
  if (node instanceof Y.XmlText) return inlineOfText(node);
  if (!(node instanceof Y.XmlElement)) return [];
  const kind = kindOf(node);
  if (kind === 'hardbreak') return [{ kind: 'break', marks: {} }];
  const source = addressOf(attributeOf(node, 'src'));
  const says = wordsOf(attributeOf(node, kind === 'image' ? 'alt' : 'label'));
  if (kind === 'image' && source !== undefined) return [{ kind: 'image', source, alt: says, marks: {} }];
  const text = says || textWithin(node);
  return text === '' ? [] : [{ kind: 'text', text, marks: {} }];
}

/** Everything in an element as one line. */
function contentOf(element: Y.XmlElement): Inline[] {
  return childrenOf(element).flatMap(inlineOf);
}

function codeOf(element: Y.XmlElement): Block {
  const language = wordsOf(attributeOf(element, 'language') ?? attributeOf(element, 'params'));
  return { kind: 'code', language, text: textWithin(element) };
}

function startOf(element: Y.XmlElement): number {
  const start = Number(attributeOf(element, 'start') ?? attributeOf(element, 'order') ?? 1);
  return Number.isSafeInteger(start) && start >= 0 ? start : 1;
}

function itemsOf(element: Y.XmlElement): ListItem[] {
  return elementsOf(element).map((item) => {
    const checked = attributeOf(item, 'checked');
    const isTask = checked !== undefined || kindOf(item) === 'taskitem';
    const blocks = blocksOf(childrenOf(item));
    return { ...(isTask && { checked: checked === true || checked === 'true' }), blocks };
  });
}

function rowsOf(table: Y.XmlElement): (readonly Cell[])[] {
  return elementsOf(table).map((row) =>
    elementsOf(row).map((cell) => blocksOf(childrenOf(cell)).flatMap(cellLines)),
  );
}

/** A cell holds lines only: what is a block elsewhere gives its own. */
function cellLines(block: Block): Cell {
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
      return [block.content];
    case 'code':
      return block.text.split('\n').map((text) => [{ kind: 'text', text, marks: { code: true } }]);
    case 'quote':
      return block.blocks.flatMap(cellLines);
    case 'list':
      return block.items.flatMap(({ blocks }) => blocks.flatMap(cellLines));
    case 'table':
      return block.rows.flatMap((row) => row.flat());
    case 'rule':
      return [];
  }
}

function childrenOf(fragment: Y.XmlFragment): readonly Node[] {
  return fragment.toArray() as readonly Node[];
}

function elementsOf(element: Y.XmlElement): Y.XmlElement[] {
  return childrenOf(element).filter((child) => child instanceof Y.XmlElement);
}

/** Editors keep numbers and truths in attributes as well, whatever the type of Yjs says. */
function attributeOf(element: Y.XmlElement, name: string): unknown {
  return element.getAttribute(name) as unknown;
}
