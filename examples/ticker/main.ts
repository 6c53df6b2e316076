import './style.css';
import { CoscribeProvider } from 'coscribe/client';
import { documentName, showHeader, somebody } from '../page/page.js';
import type { Quote } from './quote.js';

const provider = new CoscribeProvider({ document: documentName(), presence: somebody() });
showHeader(provider);
const prices = provider.doc.getMap<Quote>('prices');

const table = document.querySelector<HTMLElement>('#prices');
if (table === null) throw new Error('the page has no table');
const rows = new Map<string, HTMLTableRowElement>();

prices.observe(({ keysChanged }) => {
  for (const share of keysChanged) {
    const quote = share === null ? undefined : prices.get(share);
    if (share !== null && quote !== undefined) show(rowOf(share), quote);
  }
});

function rowOf(share: string): HTMLTableRowElement {
  const known = rows.get(share);
  if (known !== undefined) return known;
  const row = document.createElement('tr');
  const name = document.createElement('th');
  name.scope = 'row';
  name.textContent = share;
  row.append(name, document.createElement('td'), document.createElement('td'));
  rows.set(share, row);
  table?.append(row);
  return row;
}

function show(row: HTMLTableRowElement, { cents, opened }: Quote): void {
  const [, price, change] = row.cells;
  if (price === undefined || change === undefined) return;
  const before = Number(row.dataset.cents ?? cents);
  row.dataset.cents = String(cents);
  price.textContent = (cents / 100).toFixed(2);
  const percent = ((cents - opened) / opened) * 100;
  change.textContent = `${percent >= 0 ? '▲' : '▼'} ${Math.abs(percent).toFixed(2)} %`;
  change.className = percent >= 0 ? 'up' : 'down';
  if (cents === before || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const color = cents > before ? '#2f9e6350' : '#d0453a50';
  price.animate([{ background: color }, { background: 'transparent' }], 700);
}
