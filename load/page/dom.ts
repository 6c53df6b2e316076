/** A new element with a class and children; strings become text, never markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}

/** A part of the page under a heading. */
export function section(title: string, ...children: (Node | string)[]): HTMLElement {
  const heading = make('h2', '', title);
  heading.id = `part-${title.toLowerCase().replace(/[^a-z]+/g, '-')}`;
  const element = make('section', 'part', heading, ...children);
  element.setAttribute('aria-labelledby', heading.id);
  return element;
}

export type Cell = Node | string;

export interface Table {
  /** What is in it; for those who do not see what stands above it. */
  readonly caption: string;
  readonly head: readonly string[];
  /** The first cell of a row is its heading. */
  readonly rows: readonly (readonly Cell[])[];
  /** The other columns are numbers. */
  readonly numbers?: boolean;
}

/** A table; one that is wider than the page is scrolled by itself. */
export function table({ caption, head, rows, numbers = false }: Table): HTMLElement {
  const element = make('table', numbers ? 'numbers' : '');
  element.append(make('caption', 'spoken', caption));
  const headRow = element.createTHead().insertRow();
  for (const text of head) {
    const cell = make('th', '', text);
    cell.scope = 'col';
    headRow.append(cell);
  }
  const body = element.createTBody();
  for (const [first = '', ...others] of rows) {
    const row = body.insertRow();
    const cell = make('th', '', first);
    cell.scope = 'row';
    row.append(cell, ...others.map((other) => make('td', '', other)));
  }
  const frame = make('div', 'table-frame', element);
  frame.tabIndex = 0;
  frame.setAttribute('role', 'region');
  frame.setAttribute('aria-label', caption);
  return frame;
}
