import { describe, expect, test } from '@jest/globals';
import { measureDurability } from '../../../bench/generator/durability-run.js';
import { withContext } from '../../support/bench-context.js';

const OPTIONS = { edits: 10, intervalMs: 5, burst: 40, kills: 1 };

describe('durability', () => {
  test('[BENCH33] a server that says "on disk" has lost nothing', async () => {
    const figures = await withContext('coscribe', (context) => measureDurability(context, OPTIONS));
    expect(figures).toMatchObject({ acknowledges: 'on disk', told: [40], lost: [0] });
    expect([figures.ackMs?.count, figures.shownMs.count]).toEqual([10, 10]);
    expect(figures.ackMs?.p50).toBeGreaterThan(0);
  });

  test('[BENCH33] one that only says so has lost all of it', async () => {
    const figures = await withContext('coscribe-memory', (context) =>
      measureDurability({ ...context, server: { ...context.server, durable: true } }, OPTIONS),
    );
    expect(figures).toMatchObject({ told: [40], lost: [40] });
  });
});
