import type { AdminListedDocument, DocumentTraffic } from '../../../shared/admin.js';
import { make } from '../dom.js';
import { rate, size, whole } from './format.js';
import { KeyedRows, setText } from './keyed-rows.js';
import { documentHash } from './route.js';
import { type Column, cellOf, makeRow, makeTable } from './table.js';

const COLUMNS: readonly Column[] = [
  { name: 'Document', width: 55 },
  { name: 'Clients', kind: 'number', width: 15 },
  { name: 'Edits/s', kind: 'number', width: 15 },
  { name: 'Bytes/s', kind: 'number', width: 15 },
];

type Listed = AdminListedDocument | DocumentTraffic;

/** The table of documents: the busiest ones, or those that were looked for. */
export class DocumentsView {
  private readonly body: HTMLElement;
  private readonly rows: KeyedRows<Listed, HTMLTableRowElement>;
  private order: readonly string[] = [];

  constructor(
    private readonly parent: HTMLElement,
    private readonly empty: HTMLElement,
  ) {
    this.body = makeTable(parent, 'Documents', COLUMNS);
    this.rows = new KeyedRows(this.body, { keyOf: ({ id }) => id, make: makeDocument, update: showDocument });
  }

  /** @param whenEmpty what is said if there are none */
  show(documents: readonly Listed[], whenEmpty: string): void {
    const ordered = this.isUnderWay() ? this.asBefore(documents) : documents;
    this.order = ordered.map(({ id }) => id);
    this.rows.show(ordered);
    this.parent.hidden = documents.length === 0;
    this.empty.hidden = documents.length > 0;
    setText(this.empty, whenEmpty);
  }

  /** Somebody points at a row: it must not move away under him. */
  private isUnderWay(): boolean {
    const canHover = matchMedia('(hover: hover)').matches;
    return this.body.matches(':focus-within') || (canHover && this.body.matches(':hover'));
  }

  private asBefore(documents: readonly Listed[]): Listed[] {
    const place = new Map(this.order.map((id, index) => [id, index]));
    const placeOf = ({ id }: Listed): number => place.get(id) ?? this.order.length;
    return [...documents].sort((one, other) => placeOf(one) - placeOf(other));
  }
}

function makeDocument({ id }: Listed): HTMLTableRowElement {
  const row = makeRow(COLUMNS);
  const link = make('a', 'name', id);
  link.href = documentHash(id);
  cellOf(row, 0).append(link);
  return row;
}

function showDocument(row: HTMLTableRowElement, document: Listed): void {
  setText(cellOf(row, 1), whole(document.sessions ?? 0));
  setText(cellOf(row, 2), rate(document.editsPerSecond ?? 0));
  setText(cellOf(row, 3), size(document.bytesPerSecond ?? 0));
}
