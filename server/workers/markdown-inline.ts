import { codeSpan, destination, escapeText } from './markdown-escapes.js';
import { DELIMITERS, joinTokens, type Token } from './markdown-flanks.js';

/** How a piece of text looks. */
export interface Marks {
  readonly bold?: true;
  readonly italic?: true;
  readonly strike?: true;
  readonly code?: true;
  /** The address that it leads to. */
  readonly link?: string;
}

/** What a line is made of. */
export type Inline =
  | { readonly kind: 'text'; readonly text: string; readonly marks: Marks }
  | { readonly kind: 'image'; readonly source: string; readonly alt: string; readonly marks: Marks }
  | { readonly kind: 'break'; readonly marks: Marks };

/** Where it is: a heading and a cell of a table are one line of Markdown, whatever is in them. */
export type Place = 'paragraph' | 'heading' | 'cell';

/** Marks that surround others; `code` surrounds text alone. */
const OUTER = ['link', 'bold', 'italic', 'strike'] as const;
type Outer = (typeof OUTER)[number];

const LINE_BREAKS: Readonly<Record<Place, string>> = { paragraph: '\\\n', heading: ' ', cell: '<br>' };

/** A paragraph, a heading or a cell of a table as Markdown. Space at the ends of lines is left out: it would not be shown. */
export function renderInline(content: readonly Inline[], place: Place): string {
  return joinTokens(tokensOf(narrowed(content), place));
}

/**
 * `**bold **` is not bold: marks begin and end at what is seen. So space and breaks between two pieces have the marks that both
 * of these have; at the ends they are left out, and space beside a break as well.
 */
function narrowed(content: readonly Inline[]): Inline[] {
  const pieces = merged(content).flatMap(cut);
  const after: (Inline | undefined)[] = [];
  let next: Inline | undefined;
  for (let at = pieces.length - 1; at >= 0; at--) {
    after[at] = next;
    if (!isBlank(pieces[at])) next = pieces[at];
  }
  const narrow: Inline[] = [];
  let before: Inline | undefined;
  for (const [at, piece] of pieces.entries()) {
    const follows = after[at];
    if (!isBlank(piece)) {
      before = piece;
      narrow.push(piece);
    } else if (
      before !== undefined &&
      follows !== undefined &&
      !isSuperfluous(piece, pieces[at + 1], narrow)
    ) {
      narrow.push({ ...piece, marks: shared(before.marks, follows.marks) });
    }
  }
  return narrow;
}

/** Text that looks the same is one piece, whatever else its attributes say. */
function merged(content: readonly Inline[]): Inline[] {
  const pieces: Inline[] = [];
  for (const inline of content) {
    const last = pieces.at(-1);
    if (last?.kind === 'text' && inline.kind === 'text' && look(last.marks) === look(inline.marks)) {
      pieces[pieces.length - 1] = { ...last, text: last.text + inline.text };
    } else pieces.push(inline);
  }
  return pieces;
}

function look({ code, ...outer }: Marks): string {
  return JSON.stringify([code, ...OUTER.map((mark) => outer[mark])]);
}

/** A text as what is seen, and the space and line feeds around it. */
function cut(inline: Inline): Inline[] {
  if (inline.kind !== 'text') return [inline];
  if (inline.marks.code) return inline.text === '' ? [] : [inline];
  const { marks } = inline;
  const pieces = inline.text.match(/\n|[^\S\n]+|\S(?:[^\n]*\S)?/gu) ?? [];
  return pieces.map((text) => (text === '\n' ? { kind: 'break', marks } : { kind: 'text', text, marks }));
}

function isBlank(piece: Inline | undefined): boolean {
  if (piece?.kind === 'text') return !piece.marks.code && piece.text.trim() === '';
  return piece?.kind === 'break';
}

function isSuperfluous(piece: Inline, following: Inline | undefined, before: readonly Inline[]): boolean {
  return piece.kind === 'text' && (following?.kind === 'break' || before.at(-1)?.kind === 'break');
}

function shared(a: Marks, b: Marks): Marks {
  const both = OUTER.filter((mark) => a[mark] !== undefined && a[mark] === b[mark]);
  return Object.fromEntries(both.map((mark) => [mark, a[mark]]));
}

/** What is written, piece by piece. Marks lie in one another: which lasts longest lies outside. */
function tokensOf(content: readonly Inline[], place: Place): Token[] {
  const tokens: Token[] = [];
  const ends = Object.fromEntries(OUTER.map((mark) => [mark, endsOf(content, mark)]));
  const endOf = (mark: Outer, at: number): number => ends[mark]?.[at] ?? at;
  const longestFirst = (at: number) => (a: Outer, b: Outer) => endOf(b, at) - endOf(a, at);
  const open: { readonly mark: Outer; readonly value: Marks[Outer] }[] = [];
  const closeDownTo = (depth: number): void => {
    for (const { mark, value } of open.splice(depth).reverse()) tokens.push(closing(mark, value));
  };
  for (const [at, inline] of content.entries()) {
    const { marks } = inline;
    const ended = open.findIndex(({ mark, value }) => marks[mark] !== value);
    if (ended >= 0) closeDownTo(ended);
    for (const mark of OUTER.filter((one) => marks[one] !== undefined && !isBlank(inline)).sort(
      longestFirst(at),
    )) {
      if (open.some((one) => one.mark === mark)) continue;
      open.push({ mark, value: marks[mark] });
      tokens.push(opening(mark));
    }
    tokens.push(written(inline, place));
  }
  closeDownTo(0);
  return tokens;
}

/** For each piece, up to which one it goes on with the same mark. */
function endsOf(content: readonly Inline[], mark: Outer): number[] {
  const ends: number[] = [];
  for (let at = content.length - 1; at >= 0; at--) {
    const goesOn = content[at]?.marks[mark] === content[at + 1]?.marks[mark];
    ends[at] = goesOn ? (ends[at + 1] ?? at) : at;
  }
  return ends;
}

function opening(mark: Outer): Token {
  return mark === 'link' ? { kind: 'fixed', written: '[' } : { kind: 'open', written: DELIMITERS[mark] };
}

function closing(mark: Outer, value: Marks[Outer]): Token {
  if (mark === 'link') return { kind: 'fixed', written: `](${destination(String(value))})` };
  return { kind: 'close', written: DELIMITERS[mark] };
}

function written(inline: Inline, place: Place): Token {
  if (inline.kind === 'break') return { kind: 'fixed', written: LINE_BREAKS[place] };
  if (inline.kind === 'image') {
    const alt = escapeText(inline.alt.replace(/\s+/g, ' '), place === 'cell', true);
    return { kind: 'fixed', written: `![${alt}](${destination(inline.source)})` };
  }
  const { text, marks } = inline;
  if (marks.code) return { kind: 'fixed', written: codeSpan(text, place === 'cell') };
  return { kind: 'text', written: escapeText(text, place === 'cell', marks.link !== undefined) };
}
