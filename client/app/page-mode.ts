/**
 * How the server lets people in, as far as a page shows it. `open`: everybody does everything. `links`: a link opens a
 * document. `tokens`: some other place signs people in, and links work as well.
 */
export type PageMode = 'open' | 'links' | 'tokens';

/** What the server has put into the page (`<body data-mode>`). */
export function readMode(body: { readonly dataset: DOMStringMap }): PageMode {
  const { mode } = body.dataset;
  return mode === 'links' || mode === 'tokens' ? mode : 'open';
}
