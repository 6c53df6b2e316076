import type { AdminSession } from '../../../shared/admin.js';
import { make } from '../dom.js';
import { countOf, moment } from './format.js';
import { KeyedRows, setText } from './keyed-rows.js';
import { type Column, cellOf, makeRow, makeTable } from './table.js';

const COLUMNS: readonly Column[] = [
  { name: 'Who', width: 20 },
  { name: 'Role', width: 8 },
  { name: 'Protocol', width: 11 },
  { name: 'Session', width: 18 },
  { name: 'Address', width: 15 },
  { name: 'Since', width: 16 },
  { name: 'Action', kind: 'action', width: 12 },
];

/** Who is in a document, each with a button that ends the session. */
export class SessionsView {
  private readonly rows: KeyedRows<AdminSession, HTMLTableRowElement>;
  private readonly table: HTMLElement;
  private readonly note = make('p', 'hint', '');

  constructor(
    parent: HTMLElement,
    private readonly end: (id: string, who: string) => void,
  ) {
    this.table = make('div', '');
    parent.append(this.table, this.note);
    this.rows = new KeyedRows(makeTable(this.table, 'Sessions', COLUMNS), {
      keyOf: ({ id }) => id,
      make: (session) => this.make(session),
      update: showSession,
    });
  }

  /** @param more how many there are that are not listed */
  show(sessions: readonly AdminSession[], more: number): void {
    this.rows.show(sessions);
    this.table.hidden = sessions.length === 0;
    setText(this.note, noteOf(sessions.length, more));
  }

  private make({ id, user, address }: AdminSession): HTMLTableRowElement {
    const row = makeRow(COLUMNS);
    const who = user === '' ? `somebody at ${address}` : user;
    cellOf(row, 0).append(user === '' ? make('span', 'hint', 'without a name') : make('bdi', 'name', user));
    const button = make('button', 'button small danger', 'End…');
    button.type = 'button';
    button.setAttribute('aria-label', `End session ${id} of ${who}…`);
    button.addEventListener('click', () => this.end(id, who));
    cellOf(row, COLUMNS.length - 1).append(button);
    return row;
  }
}

function showSession(row: HTMLTableRowElement, session: AdminSession): void {
  // It begins with the node's name, and is how lines of the log call the session.
  const { role, protocol, id, address, since } = session;
  [role, protocol, id, address, moment(since)].forEach((text, index) => {
    setText(cellOf(row, index + 1), text);
  });
}

function noteOf(shown: number, more: number): string {
  if (more > 0) return `And ${countOf(more, 'session')} more.`;
  return shown === 0 ? 'Nobody is in it.' : '';
}
