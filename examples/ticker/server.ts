import type { Coscribe } from 'coscribe/server';
import { type Repeated, repeat } from '../repeat.js';
import type { Quote } from './quote.js';

const DOCUMENT = 'examples/ticker';
const SHARES = { ACME: 12_340, Globex: 4_512, Initech: 980, Umbrella: 23_175, Hooli: 8_815 };
const EVERY_MS = 250;

/** A market of its own: some of the prices change with every tick, all of them in one edit. */
export function serve(coscribe: Coscribe): Repeated {
  return repeat(EVERY_MS, () =>
    coscribe.edit(
      DOCUMENT,
      (doc) => {
        const prices = doc.getMap<Quote>('prices');
        for (const [share, opened] of Object.entries(SHARES)) {
          const cents = prices.get(share)?.cents ?? opened;
          const moved = Math.max(1, Math.round(cents * (1 + (Math.random() - 0.5) / 100)));
          if (!prices.has(share) || Math.random() < 0.4) prices.set(share, { cents: moved, opened });
        }
      },
      { user: 'the market' },
    ),
  );
}
