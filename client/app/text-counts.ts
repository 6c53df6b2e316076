export interface TextCounts {
  readonly words: number;
  /** Unicode code points. */
  readonly characters: number;
}

// Chinese and Japanese write no spaces: there each sign counts as a word, as word processors do it.
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{N}\p{M}])+(?:['’.,-](?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{N}\p{M}])+)*/gu;

export function countText(text: string): TextCounts {
  let characters = 0;
  for (const _ of text) characters += 1;
  return { words: text.match(WORD)?.length ?? 0, characters };
}

/** "1 word · 5 characters" */
export function countsText({ words, characters }: TextCounts): string {
  return `${plural(words, 'word')} · ${plural(characters, 'character')}`;
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
