/**
 * How the server lets people in, as far as a page shows it. `open`: everybody does everything. `links`: a link opens a
 * document. `tokens`: some other place signs people in, and links work as well.
 */
export type PageMode = 'open' | 'links' | 'tokens';

interface Body {
  readonly dataset: DOMStringMap;
}

/** What the server has put into the page (`<body data-mode>`). */
export function readMode({ dataset }: Body): PageMode {
  return modeOf(dataset.mode);
}

export function modeOf(word: string | null | undefined): PageMode {
  return word === 'links' || word === 'tokens' ? word : 'open';
}

/** Whether the pages, and documents, may be kept on people's devices (`<body data-offline>`). */
export function mayKeep({ dataset }: Body): boolean {
  return dataset.offline !== 'no';
}
