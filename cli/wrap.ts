const WIDEST = 110;
const USUAL = 80;
const NARROWEST = 40;

/** How wide lines may be: as the terminal, or 80 where there is none, and never so wide that they are hard to read. */
export function widthOf({ columns }: { readonly columns?: number }): number {
  return Math.max(NARROWEST, Math.min(columns || USUAL, WIDEST));
}

/** Breaks a text between words. A word that is too long stands alone, whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

/** Paragraphs, with their empty lines between them; a line that begins with white space stays as it is. */
export function wrapParagraphs(text: string, width: number): string {
  return text
    .trim()
    .split(/\n{2,}/)
    .map((part) => (/^\s/.test(part) ? part : wrap(part, width).join('\n')))
    .join('\n\n');
}

/** A term and what it means: beside it, or below it if the term is longer than its column. */
export function describeTerm(term: string, text: string, column: number, width: number): string[] {
  const lines = wrap(text, width - column);
  const indent = ' '.repeat(column);
  if (term.length + 2 > column) return [term, ...lines.map((line) => indent + line)];
  const [first = '', ...others] = lines;
  return [term.padEnd(column) + first, ...others.map((line) => indent + line)];
}
