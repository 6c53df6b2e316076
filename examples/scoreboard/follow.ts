import '../page/page.css';
import './style.css';
import { follow, followedDocument, row, showConnection } from '../page/follow.js';

interface Scores {
  readonly players?: readonly string[];
  readonly goals?: readonly { readonly player: string; readonly points: number }[];
}

const table = document.querySelector('#players');

showConnection(
  follow<Scores>(followedDocument(), ({ players = [], goals = [] }) => {
    const points = new Map(players.map((player) => [player, 0]));
    for (const goal of goals) points.set(goal.player, (points.get(goal.player) ?? 0) + goal.points);
    const ranking = [...points].sort(([, one], [, other]) => other - one);
    table?.replaceChildren(...ranking.map(([player, total]) => row(player, String(total))));
  }),
);
