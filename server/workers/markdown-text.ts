import * as Y from 'yjs';
import type { Block, Cell, ListItem } from './markdown-blocks.js';
import type { Inline } from './markdown-inline.js';
import { addressOf, marksOf, wordsOf } from './markdown-marks.js';

type Attributes = Readonly<Record<string, unknown>>;

/** An operation of `Y.Text.toDelta()`. */
interface Piece {
  readonly insert?: unknown;
  readonly attributes?: Attributes;
}

/** A line, with what its line feed says about it; what has blocks of its own is none. */
type Line =
  | { readonly content: readonly Inline[]; readonly attributes: Attributes }
  | { readonly blocks: readonly Block[] };
type TextLine = Exclude<Line, { readonly blocks: unknown }>;

/** Whether a text has neither attributes nor anything embedded. */
export function isPlain(text: Y.Text): boolean {
  return piecesOf(text).every(
    ({ insert, attributes }) => typeof insert === 'string' && attributes === undefined,
  );
}

/** Formatted text as Quill writes it: each line feed carries what its line is. A text within is blocks of its own. */
export function blocksOfText(text: Y.Text): Block[] {
  const blocks: Block[] = [];
  let group: TextLine[] = [];
  let groupedAs = '';
  const finish = (): void => {
    if (group.length > 0) blocks.push(...blocksOfGroup(groupedAs, group));
    group = [];
  };
  for (const line of linesOf(piecesOf(text))) {
    const as = 'blocks' in line ? '' : groupOf(line.attributes);
    if (as === '' || as !== groupedAs) finish();
    groupedAs = as;
    if ('blocks' in line) blocks.push(...line.blocks);
    else group.push(line);
  }
  finish();
  return blocks;
}

/** Text and what is embedded in it, whatever its line feeds say: the inside of a paragraph of ProseMirror's. */
export function inlineOfText(text: Y.Text): Inline[] {
  return piecesOf(text).flatMap(({ insert, attributes }) => inlineOf(insert, attributes));
}

/** The bare text of something and of all within it. */
export function textWithin(type: unknown): string {
  if (type instanceof Y.Text) {
    return piecesOf(type)
      .map(({ insert }) => wordsOf(insert) || textWithin(insert))
      .join('');
  }
  return type instanceof Y.XmlFragment ? type.toArray().map(textWithin).join('') : '';
}

function piecesOf(text: Y.Text): readonly Piece[] {
  return text.toDelta() as readonly Piece[];
}

function linesOf(pieces: readonly Piece[]): Line[] {
  const lines: Line[] = [];
  let content: Inline[] = [];
  const finish = (attributes: Attributes): void => {
    lines.push({ content, attributes });
    content = [];
  };
  for (const { insert, attributes = {} } of pieces) {
    if (typeof insert === 'string') {
      const [first = '', ...others] = insert.split('\n');
      content.push(...inlineOf(first, attributes));
      for (const words of others) {
        finish(attributes);
        content.push(...inlineOf(words, attributes));
      }
    } else if (insert instanceof Y.Text) {
      if (content.length > 0) finish({});
      lines.push({ blocks: blocksOfText(insert) });
    } else content.push(...inlineOf(insert, attributes));
  }
  if (content.length > 0) finish({});
  return lines;
}

function inlineOf(insert: unknown, attributes: Attributes | undefined): Inline[] {
  const marks = marksOf(attributes);
  if (typeof insert === 'string') return insert === '' ? [] : [{ kind: 'text', text: insert, marks }];
  if (insert instanceof Y.AbstractType) return [{ kind: 'text', text: textWithin(insert), marks }];
  const { image, ...others } = (insert ?? {}) as Attributes;
  const source = addressOf(image);
  if (source !== undefined) return [{ kind: 'image', source, alt: wordsOf(attributes?.alt), marks }];
  // An embed of which nothing is known (a formula, somebody who is mentioned): what it says.
  return Object.values(others).flatMap((value): Inline[] => {
    const text = wordsOf(value) || wordsOf((value as { readonly value?: unknown } | null)?.value);
    return text === '' ? [] : [{ kind: 'text', text, marks }];
  });
}

/** Lines one after the other of the same group are one block, or one kind of blocks; `''` for a line by itself. */
function groupOf(attributes: Attributes): string {
  const language = attributes['code-block'];
  if (language !== undefined && language !== false) return `code ${language}`;
  return GROUPS.find((group) => attributes[group] !== undefined && attributes[group] !== false) ?? '';
}

const GROUPS = ['list', 'blockquote', 'table'];
/** What Quill calls code of which it does not know the language. */
const NO_LANGUAGE = ['true', 'plain'];

function blocksOfGroup(group: string, lines: readonly TextLine[]): Block[] {
  if (group === 'list') return listsOf(lines);
  if (group === 'table') return [tableOf(lines)];
  if (group === 'blockquote') return [{ kind: 'quote', blocks: lines.map(paragraphOf) }];
  if (group === '') return lines.map(paragraphOf);
  const language = group.slice('code '.length);
  const text = lines.map(({ content }) => content.map(bareText).join('')).join('\n');
  return [{ kind: 'code', language: NO_LANGUAGE.includes(language) ? '' : language, text }];
}

function bareText(inline: Inline): string {
  return inline.kind === 'text' ? inline.text : '';
}

function paragraphOf({ content, attributes }: TextLine): Block {
  const level = Number(attributes.header);
  return level > 0 ? { kind: 'heading', level, content } : { kind: 'paragraph', content };
}

/** Quill's cells are lines that carry the name of their row. */
function tableOf(lines: readonly TextLine[]): Block {
  const rows = new Map<unknown, Cell[]>();
  for (const { content, attributes } of lines) {
    const row = rows.get(attributes.table) ?? [];
    rows.set(attributes.table, row);
    row.push([content]);
  }
  return { kind: 'table', rows: [...rows.values()] };
}

/** Quill's items are lines that carry their kind, and how far they are indented. */
function listsOf(lines: readonly TextLine[]): Block[] {
  const lists: { readonly isNumbered: boolean; readonly items: ListItem[] }[] = [];
  for (const { line, within } of nested(lines)) {
    const { list } = line.attributes;
    const isNumbered = list === 'ordered';
    const isTask = list === 'checked' || list === 'unchecked';
    const last = lists.at(-1);
    const items = last?.isNumbered === isNumbered ? last.items : [];
    if (items !== last?.items) lists.push({ isNumbered, items });
    items.push({
      ...(isTask && { checked: list === 'checked' }),
      blocks: [{ kind: 'paragraph', content: line.content }, ...listsOf(within)],
    });
  }
  return lists.map(({ isNumbered, items }) => ({ kind: 'list', ...(isNumbered && { start: 1 }), items }));
}

/** Quill's own are indented 8 times at most. Each line is written with all that is before it. */
const MOST_INDENTED = 32;

/** Lines with those that follow and are indented further. */
function nested(lines: readonly TextLine[]): { readonly line: TextLine; readonly within: TextLine[] }[] {
  const found: { readonly line: TextLine; readonly within: TextLine[] }[] = [];
  for (const line of lines) {
    const last = found.at(-1);
    if (last !== undefined && indentOf(line) > indentOf(last.line)) last.within.push(line);
    else found.push({ line, within: [] });
  }
  return found;
}

function indentOf({ attributes }: TextLine): number {
  return Math.min(Number(attributes.indent) || 0, MOST_INDENTED);
}
