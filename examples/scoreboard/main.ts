import './style.css';
import { CoscribeProvider } from 'coscribe/client';
import { documentName, showHeader, somebody } from '../page/page.js';

interface Goal {
  readonly player: string;
  readonly points: 1 | -1;
}

const provider = new CoscribeProvider({ document: documentName(), presence: somebody() });
showHeader(provider);

const players = provider.doc.getArray<string>('players');
// Not one number for each player: of two people who set it at once, one would be lost.
const goals = provider.doc.getArray<Goal>('goals');

const table = document.querySelector<HTMLElement>('#players');
const form = document.querySelector<HTMLFormElement>('#add');
if (table === null || form === null) throw new Error('the page is not complete');

function show(): void {
  const points = new Map(players.toArray().map((player) => [player, 0]));
  for (const goal of goals) points.set(goal.player, (points.get(goal.player) ?? 0) + goal.points);
  const focused = (document.activeElement as HTMLElement | null)?.dataset.of;
  const ranking = [...points].sort(([, one], [, other]) => other - one);
  table?.replaceChildren(...ranking.map(([player, total]) => row(player, total)));
  table?.querySelector<HTMLElement>(`[data-of=${CSS.escape(focused ?? '-')}]`)?.focus();
}

function row(player: string, total: number): HTMLElement {
  const tr = document.createElement('tr');
  const name = document.createElement('th');
  name.scope = 'row';
  name.textContent = player;
  const score = document.createElement('td');
  score.className = 'score';
  score.textContent = String(total);
  const buttons = document.createElement('td');
  buttons.append(button(player, 1), button(player, -1));
  tr.append(name, score, buttons);
  return tr;
}

function button(player: string, points: Goal['points']): HTMLButtonElement {
  const element = document.createElement('button');
  element.textContent = points > 0 ? '+1' : '−1';
  element.setAttribute('aria-label', `${points > 0 ? 'A point for' : 'A point less for'} ${player}`);
  element.dataset.of = `${player} ${points}`;
  element.addEventListener('click', () => goals.push([{ player, points }]));
  return element;
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const player = String(new FormData(form).get('player')).trim();
  if (player !== '' && !players.toArray().includes(player)) players.push([player]);
  form.reset();
});
provider.doc.on('update', show);
show();
