import '../page/page.css';
import './style.css';
import { follow, followedDocument, row, showConnection } from '../page/follow.js';
import type { Quote } from './quote.js';

const table = document.querySelector('#prices');

showConnection(
  follow<{ readonly prices?: Readonly<Record<string, Quote>> }>(followedDocument(), ({ prices = {} }) =>
    table?.replaceChildren(
      ...Object.entries(prices).map(([share, { cents }]) => row(share, (cents / 100).toFixed(2))),
    ),
  ),
);
