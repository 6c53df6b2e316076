import type { Random } from '../../shared/time.js';

const WORDS =
  'the of and a to in he she it was that his her with as had for on at by which not be this from or they were one all so when there been if who would out up into no more then some what time them could now other than upon about very man little must our made before good over should great house through people heart hand while never night morning always door light water small world between nothing enough together another answer window paper letter'.split(
    ' ',
  );

/** A word as people type it, with what comes behind it. */
export function nextWord(random: Random): string {
  const word = WORDS[Math.floor(random() * WORDS.length)] ?? 'the';
  return random() < 0.1 ? `${word}, ` : `${word} `;
}

/** About `characters` characters in lines of 40 to 110; or in four long lines. */
export function prose(characters: number, longLines: boolean, random: Random): string {
  let text = '';
  let lineEnd = 0;
  while (text.length < characters) {
    if (text.length >= lineEnd) {
      text = text.trimEnd() + (text === '' ? '' : '\n');
      lineEnd = text.length + (longLines ? characters / 4 : 40 + random() * 70);
    }
    text += nextWord(random);
  }
  return text.slice(0, characters);
}
