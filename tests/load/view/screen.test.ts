import { describe, expect, test } from '@jest/globals';
import { Screen } from '../../../load/view/screen.js';

/** What a terminal shows after all that was written: just enough of one for this. */
function shown(written: string): string[] {
  const rows: string[] = [''];
  let row = 0;
  for (const [, up, erase, line, newline, text] of written.matchAll(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are spoken to in them
    /\u001b\[(\d+)A\r?|(\u001b\[J)|(\u001b\[K)|(\n)|([^\u001b\n]+)/g,
  )) {
    if (up !== undefined) row -= Number(up);
    else if (erase !== undefined) rows.splice(row);
    else if (line !== undefined) rows[row] = rows[row] ?? '';
    else if (newline !== undefined) row++;
    else rows[row] = text ?? '';
    while (rows.length <= row) rows.push('');
  }
  return rows;
}

describe('lines that change in place', () => {
  test('[LOAD12] lie over the ones before, below lines that stay', () => {
    let written = '';
    const screen = new Screen({ isTTY: true, columns: 80, write: (text) => (written += text) });
    screen.say('first');
    screen.draw(['a', 'b', 'c']);
    expect(shown(written)).toEqual(['first', 'a', 'b', 'c', '']);
    screen.draw(['d', 'e']);
    expect(shown(written)).toEqual(['first', 'd', 'e', '']);
    screen.say('second');
    expect(shown(written)).toEqual(['first', 'second', 'd', 'e', '']);
    screen.wipe();
    expect(shown(written)).toEqual(['first', 'second', '']);
  });

  test('[LOAD26] are taken away whole after the terminal has become narrower, which breaks them', () => {
    let written = '';
    const output = { isTTY: true, columns: 80, write: (text: string) => (written += text) };
    const screen = new Screen(output);
    screen.draw(['', 'x'.repeat(79), 'y'.repeat(40)]);
    output.columns = 40;
    written = '';
    screen.draw(['short']);
    expect(written).toBe('\u001b[4A\rshort\u001b[K\n\u001b[J');
    screen.wipe();
    expect(written.endsWith('\u001b[1A\r\u001b[J')).toBe(true);
  });

  test('[LOAD12] are not written again if nothing has changed', () => {
    let writes = 0;
    const screen = new Screen({ isTTY: true, columns: 80, write: () => writes++ });
    screen.draw(['a']);
    screen.draw(['a']);
    expect(writes).toBe(1);
  });
});
