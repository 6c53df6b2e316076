import { escapeHeadingEnd, escapeLineStarts, longestRun } from './markdown-escapes.js';
import { type Inline, renderInline } from './markdown-inline.js';

/** What a document is made of. */
export type Block =
  | { readonly kind: 'paragraph'; readonly content: readonly Inline[] }
  | { readonly kind: 'heading'; readonly level: number; readonly content: readonly Inline[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | List
  | { readonly kind: 'table'; readonly rows: readonly (readonly Cell[])[] }
  | { readonly kind: 'rule' };

export interface List {
  readonly kind: 'list';
  /** Number of the first item, if they are numbered. */
  readonly start?: number;
  readonly items: readonly ListItem[];
}

export interface ListItem {
  /** Only of a task. */
  readonly checked?: boolean;
  readonly blocks: readonly Block[];
}

/** Of a table: each line of it by itself. */
export type Cell = readonly (readonly Inline[])[];

const MOST_START = 999_999_999;

/** Blocks as Markdown, with a line feed at the end. */
export function renderBlocks(blocks: readonly Block[]): string {
  const lines = linesOf(blocks);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function linesOf(blocks: readonly Block[], between: readonly string[] = ['']): string[] {
  const lines: string[] = [];
  let last: Block | undefined;
  let isOther = false;
  for (const block of blocks) {
    // A second list of the same kind would go on with the first: it gets another sign.
    isOther = follows(block, last) && !isOther;
    const added = block.kind === 'list' ? linesOfList(block, isOther) : linesOfBlock(block);
    if (added.length === 0) continue;
    if (last !== undefined) lines.push(...(block.kind === 'list' ? between : ['']));
    lines.push(...added);
    last = block;
  }
  return lines;
}

function follows(block: Block, last: Block | undefined): boolean {
  if (block.kind !== 'list' || last?.kind !== 'list') return false;
  return (block.start === undefined) === (last.start === undefined);
}

function linesOfBlock(block: Exclude<Block, List>): string[] {
  switch (block.kind) {
    case 'paragraph':
      return nonEmpty(escapeLineStarts(renderInline(block.content, 'paragraph')));
    case 'heading': {
      const words = escapeHeadingEnd(renderInline(block.content, 'heading'));
      const level = Math.min(Math.max(Math.trunc(block.level) || 1, 1), 6);
      return words === '' ? [] : [`${'#'.repeat(level)} ${words}`];
    }
    case 'code': {
      const fence = '`'.repeat(Math.max(3, longestRun(block.text, '`') + 1));
      return [fence + block.language.replace(/[\s\\&`]/g, ''), ...block.text.split('\n'), fence];
    }
    case 'quote':
      return linesOf(block.blocks).map((line) => (line === '' ? '>' : `> ${line}`));
    case 'table':
      return linesOfTable(block.rows);
    case 'rule':
      // Dashes would make a heading of a line before them, and of a list's item that begins with them something else.
      return ['***'];
  }
}

function nonEmpty(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}

function linesOfList(list: List, isOther: boolean): string[] {
  const isTight = list.items.every(({ blocks }) => fitsTight(blocks));
  const between = isTight ? [] : [''];
  return list.items.flatMap(({ checked, blocks }, at) => {
    const number = Math.min((list.start ?? 1) + at, MOST_START);
    const sign = list.start === undefined ? (isOther ? '+' : '-') : `${number}${isOther ? ')' : '.'}`;
    const lines = linesOf(blocks, between);
    if (checked !== undefined) {
      const box = checked ? '[x]' : '[ ]';
      if (blocks[0]?.kind === 'paragraph') lines[0] = `${box} ${lines[0] ?? ''}`.trimEnd();
      else lines.unshift(box, '');
    }
    const indent = ' '.repeat(sign.length + 1);
    const item = lines.map((line, row) => (line === '' ? '' : (row === 0 ? `${sign} ` : indent) + line));
    return [...(at === 0 ? [] : between), ...(item.length === 0 ? [sign] : item)];
  });
}

/** Whether an item needs no empty lines: one line or paragraph, and perhaps a list that may come right after one. */
function fitsTight([first, second, ...more]: readonly Block[]): boolean {
  if (more.length > 0 || (first !== undefined && first.kind !== 'paragraph')) return false;
  if (second === undefined) return true;
  return (
    second.kind === 'list' &&
    (second.start ?? 1) === 1 &&
    !isEmpty(first) &&
    !isEmpty(second.items[0]?.blocks[0])
  );
}

function isEmpty(block: Block | undefined): boolean {
  return block?.kind !== 'paragraph' || renderInline(block.content, 'paragraph') === '';
}

function linesOfTable(rows: readonly (readonly Cell[])[]): string[] {
  const columns = Math.max(0, ...rows.map(({ length }) => length));
  if (columns === 0) return [];
  const line = (cells: readonly string[]): string =>
    `| ${Array.from({ length: columns }, (_, at) => cells[at] ?? '').join(' | ')} |`;
  const [head = [], ...body] = rows.map((cells) => cells.map(cellText));
  return [line(head), line(head.map(() => '---')), ...body.map(line)];
}

function cellText(cell: Cell): string {
  return cell
    .map((content) => renderInline(content, 'cell'))
    .filter((words) => words !== '')
    .join('<br>');
}
