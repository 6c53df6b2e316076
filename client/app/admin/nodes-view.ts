import { make } from '../dom.js';
import { millis, percent, size, span, timeOfDay, whole } from './format.js';
import { KeyedRows, setText } from './keyed-rows.js';
import type { SeenNode } from './roll-call.js';
import { type Column, cellOf, makeRow, makeTable } from './table.js';

const COLUMNS: readonly Column[] = [
  { name: 'Node', width: 13 },
  { name: 'State', width: 11 },
  { name: 'Clients', kind: 'number', width: 7.5 },
  { name: 'Documents', kind: 'number', width: 7.5 },
  { name: 'CPU', kind: 'number', width: 6 },
  { name: 'Memory', kind: 'number', width: 7 },
  { name: 'Lag', kind: 'number', width: 6.5 },
  { name: 'Acks, 99 %', kind: 'number', width: 7.5 },
  { name: 'Store', width: 18 },
  { name: 'Bus', width: 6 },
  { name: 'Action', kind: 'action', width: 10 },
];

const BUS = { ok: 'Redis', away: 'Redis is away', none: 'none' } as const;

export interface NodeActions {
  drain(node: string): void;
  undrain(node: string): void;
}

/** The table of the nodes. `now` is the time of the figures. */
export class NodesView {
  private readonly rows: KeyedRows<SeenNode, HTMLTableRowElement>;
  private now = 0;

  constructor(
    parent: HTMLElement,
    private readonly actions: NodeActions,
  ) {
    this.rows = new KeyedRows(makeTable(parent, 'Nodes', COLUMNS), {
      keyOf: ({ report }) => report.node,
      make: (seen) => this.make(seen),
      update: (row, seen) => this.update(row, seen),
    });
  }

  show(nodes: readonly SeenNode[], now: number): void {
    this.now = now;
    this.rows.show(nodes);
  }

  private make({ report: { node } }: SeenNode): HTMLTableRowElement {
    const row = makeRow(COLUMNS);
    cellOf(row, 0).append(make('bdi', 'name', node), make('span', 'hint', ''));
    cellOf(row, 1).append(make('span', 'health', ''));
    const button = make('button', 'button small', '');
    button.type = 'button';
    button.addEventListener('click', () => {
      if (button.dataset.act === 'undrain') this.actions.undrain(node);
      else this.actions.drain(node);
    });
    cellOf(row, COLUMNS.length - 1).append(button);
    return row;
  }

  private update(row: HTMLTableRowElement, { report, silentSince }: SeenNode): void {
    const isHere = silentSince === undefined;
    const texts = [
      whole(report.sessions),
      whole(report.documents),
      percent(report.cpu),
      size(report.rss),
      millis(report.lagMs),
      millis(report.ackMs.p99),
      storeText(report.store),
      BUS[report.bus],
    ];
    const age = `${report.version}, up ${span(this.now - report.startedAt)}`;
    setText(childOf(row, 0, '.hint'), isHere ? age : report.version);
    const state = childOf(row, 1, '.health');
    const [severity, text] = stateOf(report, silentSince);
    setText(state, text);
    state.dataset.severity = severity;
    texts.forEach((value, index) => {
      setText(cellOf(row, index + 2), isHere ? value : '');
    });
    showAction(childOf(row, COLUMNS.length - 1, 'button'), report, isHere);
  }
}

function stateOf(
  { state, store }: SeenNode['report'],
  silentSince: number | undefined,
): readonly [severity: string, text: string] {
  if (silentSince !== undefined)
    return state === 'draining'
      ? ['off', `stopped at ${timeOfDay(silentSince)}`]
      : ['bad', `silent since ${timeOfDay(silentSince)}`];
  if (state === 'draining') return ['warn', 'draining'];
  if (state === 'not ready' || store.saving === false) return ['bad', 'not ready'];
  return ['good', 'takes work'];
}

function storeText({ description, saving }: SeenNode['report']['store']): string {
  return saving === false ? `${description}, cannot save` : description;
}

function showAction(button: HTMLElement, { node, state }: SeenNode['report'], isHere: boolean): void {
  const isDraining = state === 'draining';
  button.hidden = !isHere;
  button.dataset.act = isDraining ? 'undrain' : 'drain';
  setText(button, isDraining ? 'Take work' : 'Drain…');
  button.setAttribute('aria-label', isDraining ? `Let ${node} take work again` : `Drain ${node}…`);
}

function childOf(row: HTMLTableRowElement, index: number, selector: string): HTMLElement {
  const child = cellOf(row, index).querySelector<HTMLElement>(selector);
  if (child === null) throw new RangeError(`no ${selector} in column ${index}`);
  return child;
}
