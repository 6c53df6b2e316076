import { MirrorText } from '../../../client/mirror-text.js';
import { between, seededRandom } from '../../support/random.js';

/** What the browser has to work on; the time for a text node grows with the square of its length. */
export interface LaidOutLine {
  readonly characters: number;
  readonly nodes: number;
  /** Length of the longest node, in UTF-16 units. */
  readonly longest: number;
  /** How many nodes were changed, added or removed for the letter. */
  readonly touched: number;
}

declare global {
  interface Window {
    /** Edits a long text at random, and gives what is wrong with it afterwards. */
    editMirror(seed: number, edits: number): string[];
    /** Lays out one line of so many times some words, and types a letter into its middle. */
    layOutLine(repeats: number): LaidOutLine;
  }
}

const STYLE = 'position:fixed;width:600px;font:18px serif;white-space:pre-wrap;overflow-wrap:break-word';

window.editMirror = (seed, edits) => {
  const random = seededRandom(seed);
  const words = ['one', 'ändern ', '🦦 ', 'a\n', '\n\n', 'x'.repeat(50), ' '];
  const someText = (length: number): string => {
    let text = '';
    while (text.length < length) text += words[between(random, 0, words.length - 1)];
    return text;
  };
  const [pieces, whole] = [document.createElement('div'), document.createElement('div')];
  for (const element of [pieces, whole]) element.style.cssText = STYLE;
  document.body.append(pieces, whole);
  const mirror = new MirrorText(pieces);
  let text = '';
  for (let edit = 0; edit < edits; edit++) {
    const points = Array.from(text);
    const start = between(random, 0, points.length);
    const end = Math.min(points.length, start + (random() < 0.1 ? 9_000 : between(random, 0, 20)));
    const insert = random() < 0.5 ? '' : someText(random() < 0.2 ? 20_000 : 20);
    text = points.slice(0, start).join('') + insert + points.slice(end).join('');
    mirror.set(text);
  }
  const problems: string[] = [];
  if (pieces.textContent !== text || mirror.length !== text.length) problems.push('the text is another one');
  const nodes = [...pieces.children].flatMap(({ childNodes }) => [...childNodes] as Text[]);
  if (nodes.some(({ length }) => length > 8_000)) problems.push('a piece is too long');
  const node = document.createTextNode(text);
  whole.append(node);
  for (let look = 0; look < 200; look++) {
    const index = between(random, 0, text.length);
    const place = mirror.place(index);
    if (place === undefined) continue;
    const before = nodes.slice(0, nodes.indexOf(place.node)).reduce((sum, { length }) => sum + length, 0);
    if (before + place.offset !== index) problems.push(`${index} is found at ${before + place.offset}`);
    const [there, here] = [rect(place.node, place.offset), rect(node, index)];
    if (Math.abs(there.left - here.left) > 1 || Math.abs(there.top - here.top) > 1) {
      problems.push(`${index} is drawn at ${there.left}, ${there.top} and not at ${here.left}, ${here.top}`);
    }
  }
  for (const element of [pieces, whole]) element.remove();
  return problems;
};

window.layOutLine = (repeats) => {
  const element = document.createElement('div');
  const mirror = new MirrorText(element);
  const text = 'All of it, with Ünïcödé and 🦦. '.repeat(repeats);
  mirror.set(text);
  const nodes = [...element.children].flatMap(({ childNodes }) => [...childNodes] as Text[]);
  const watch = new MutationObserver(() => {});
  watch.observe(element, { subtree: true, childList: true, characterData: true });
  mirror.set(`${text.slice(0, text.length / 2)}x${text.slice(text.length / 2)}`);
  const touched = watch
    .takeRecords()
    .reduce(
      (sum, { addedNodes, removedNodes }) => sum + Math.max(1, addedNodes.length + removedNodes.length),
      0,
    );
  watch.disconnect();
  return {
    characters: element.textContent?.length ?? 0,
    nodes: nodes.length,
    longest: Math.max(...nodes.map(({ length }) => length)),
    touched,
  };
};

function rect(node: Text, offset: number): { left: number; top: number } {
  const range = document.createRange();
  range.setStart(node, offset);
  const { left, top } = Array.from(range.getClientRects()).at(-1) ?? { left: 0, top: 0 };
  return { left, top };
}
