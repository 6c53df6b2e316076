/** Means something wherever it is; `_` only at the ends of words, `&` only before what may be the name of a character. */
const MEANINGFUL = /[\\`*[\]<~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|&(?=[#a-z])/iu;
const EACH_MEANINGFUL = new RegExp(MEANINGFUL, 'giu');

/** What readers of GFM make a link of by themselves: up to the next space, without minding escapes and delimiters in it. */
const ADDRESS = /(?:https?:\/\/|www\.)[^\s<]+/giu;
/** What follows an address and is no part of it. */
const AFTER_ADDRESS = /[.,:;!?'")\]}>*_~]*$/u;
/** What can stand between `<` and `>` as it is. */
const FITS_BRACKETS = /^https?:[^\\|&`>]+$/i;

/**
 * Text in which nothing means anything to Markdown.
 *
 * @param inCell of a table, where `|` begins the next one
 * @param inLink where no other link can be
 */
export function escapeText(text: string, inCell: boolean, inLink: boolean): string {
  let escaped = '';
  let done = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const end = index + found.length;
    const isApart = end < text.length && text[end] !== '<';
    if (isApart && !MEANINGFUL.test(found)) continue;
    const address = found.replace(AFTER_ADDRESS, '');
    escaped += escapePlain(text.slice(done, index), inCell);
    escaped +=
      FITS_BRACKETS.test(address) && !inLink
        ? `<${address}>`
        : escapePlain(address, inCell).replace(/(?<=https?):|(?<=www)\./gi, '\\$&');
    done = index + address.length;
  }
  return escaped + escapePlain(text.slice(done), inCell);
}

function escapePlain(text: string, inCell: boolean): string {
  const escaped = text.replace(EACH_MEANINGFUL, '\\$&');
  return inCell ? escaped.replaceAll('|', '&#124;') : escaped;
}

/** Text between backticks, more of them than are in it. */
export function codeSpan(text: string, inCell: boolean): string {
  const line = text.replace(/\n/g, ' ');
  const fence = '`'.repeat(longestRun(line, '`') + 1);
  const isPadded = /^`|`$|^ .*[^ ].* $/su.test(line);
  const span = isPadded ? `${fence} ${line} ${fence}` : fence + line + fence;
  return inCell ? span.replaceAll('|', '\\|') : span;
}

/** Where a link or an image leads to. */
export function destination(address: string): string {
  return address.replace(/[\s\p{Cc}<>|]/gu, encodeURIComponent).replace(/[\\()&`]/g, '\\$&');
}

/** How many of a character there are one after the other at most. */
export function longestRun(text: string, character: string): number {
  let longest = 0;
  let run = 0;
  for (const one of text) {
    run = one === character ? run + 1 : 0;
    if (run > longest) longest = run;
  }
  return longest;
}

/** Lines whose beginning would make something else of them than a paragraph. */
export function escapeLineStarts(text: string): string {
  return text
    .split('\n')
    .map((line) =>
      line
        .replace(/^(#{1,6}|[-+])(?=\s|$)/, '\\$1')
        .replace(/^(\d{1,9})([.)])(?=\s|$)/, '$1\\$2')
        .replace(/^(?=>|[-=:|][-=:|\s]*$)/, '\\'),
    )
    .join('\n');
}

/** Hashes that would be taken for the end of a heading. */
export function escapeHeadingEnd(text: string): string {
  return text.replace(/(^|\s)(#+)$/, '$1\\$2');
}
