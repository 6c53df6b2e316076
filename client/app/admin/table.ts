import { make } from '../dom.js';

/** A column of a table: what stands above it, and beside each value where there is no room for columns. */
export interface Column {
  readonly name: string;
  readonly kind?: 'number' | 'action';
  /** Its part of the table, in per cent. It does not change with what is in it: nothing moves while figures change. */
  readonly width: number;
}

/**
 * A table that becomes a list of cards on a phone. The roles are said: browsers forget what a table is once it is laid out in
 * another way.
 *
 * @returns the element for its rows
 */
export function makeTable(parent: HTMLElement, label: string, columns: readonly Column[]): HTMLElement {
  const heads = columns.map(({ name, kind, width }) => {
    const head = make('th', kind ?? '', name);
    head.scope = 'col';
    head.style.width = `${width}%`;
    head.setAttribute('role', 'columnheader');
    return head;
  });
  const row = withRole(make('tr', '', ...heads), 'row');
  const body = withRole(make('tbody', ''), 'rowgroup');
  const table = withRole(make('table', 'table', withRole(make('thead', '', row), 'rowgroup'), body), 'table');
  table.setAttribute('aria-label', label);
  parent.append(table);
  return body;
}

/** A row, and its cells in the order of the columns. */
export function makeRow(columns: readonly Column[]): HTMLTableRowElement {
  const cells = columns.map(({ name, kind }) => {
    const cell = withRole(make('td', kind ?? ''), 'cell');
    cell.dataset.label = name;
    return cell;
  });
  return withRole(make('tr', '', ...cells), 'row');
}

/** The cell of a column. @throws RangeError if the row has no such column */
export function cellOf(row: HTMLTableRowElement, index: number): HTMLTableCellElement {
  const cell = row.cells.item(index);
  if (cell === null) throw new RangeError(`no column ${index}`);
  return cell;
}

function withRole<E extends HTMLElement>(element: E, role: string): E {
  element.setAttribute('role', role);
  return element;
}
