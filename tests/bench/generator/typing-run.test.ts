import { describe, expect, test } from '@jest/globals';
import type { Seat } from '../../../bench/generator/fleet.js';
import { type TypingFigures, TypingRun } from '../../../bench/generator/typing-run.js';
import type { Outcome } from '../../../bench/scenarios/scenario.js';
import { typingOutcome } from '../../../bench/scenarios/typing-table.js';
import { ServerProcess } from '../../../bench/server-process.js';
import { SERVERS } from '../../../bench/servers.js';
import { seededRandom } from '../../../tools/seeded-random.js';
import { temporaryFolder } from '../../support/folder.js';
import { ROOT } from '../../support/project-files.js';
import { until } from '../../support/until.js';

const CHOICES = { typists: [], documents: [], warmUpMs: 300, measureMs: 1200, seed: 1 };
const TYPISTS = 5;
const RATE = 10;

interface Run {
  readonly seats: readonly Seat[];
  readonly typists: readonly number[];
  /** Done once clients are in. */
  readonly meanwhile?: (server: ServerProcess) => Promise<void>;
}

async function run(name: string, { seats, typists, meanwhile }: Run): Promise<TypingFigures> {
  const server = SERVERS.find((candidate) => candidate.name === name);
  if (server === undefined) throw new Error(`there is no server ${name}`);
  const folder = temporaryFolder();
  const process = new ServerProcess({ server, root: ROOT, dataDir: folder.path });
  try {
    await process.start();
    const checked = seats.map(({ number }) => number);
    const typing = new TypingRun(
      { server, process, choices: CHOICES, random: seededRandom(1) },
      { seats, typists, rate: RATE, checked },
    );
    const [figures] = await Promise.all([typing.run(), meanwhile?.(process)]);
    return figures;
  } finally {
    await process.kill();
    folder.remove();
  }
}

function hot(count: number): Seat[] {
  return Array.from({ length: count }, (_, number) => ({ number, document: 'hot' }));
}

function expectAllArrived(figures: TypingFigures, deliveriesEach: number): void {
  const { sent, delivered, duplicates, outOfTurn, foreign, failures } = figures;
  // Typists type for 1.5 s; at which moment of its interval each begins decides about one character.
  expect(Math.abs(sent - figures.typists * RATE * 1.5)).toBeLessThanOrEqual(figures.typists);
  expect({ delivered, duplicates, outOfTurn, foreign, failures }).toEqual({
    delivered: sent * deliveriesEach,
    duplicates: 0,
    outOfTurn: 0,
    foreign: 0,
    failures: {},
  });
  expect(figures).toMatchObject({ lost: 0, drained: 'complete', arrived: 1, converged: true, problems: [] });
  expect(figures.latencyMs.p50).toBeGreaterThan(0);
  expect(figures.latencyMs.count).toBe(Math.round((figures.expectedPerSecond * figures.windowMs) / 1000));
  expect(figures.serverCpuShare).toBeGreaterThan(0);
  expect(figures.rssMb.peak).toBeGreaterThan(10);
}

describe('a short run from end to end', () => {
  test('[BENCH16] everything that five people type into one document of ours arrives, acknowledged, and all texts are equal', async () => {
    const seats = hot(TYPISTS);
    const figures = await run('coscribe', { seats, typists: seats.map(({ number }) => number) });
    expectAllArrived(figures, TYPISTS - 1);
    expect(figures.acks).toBe(figures.sent);
    expect(figures.ackMs?.p50).toBeGreaterThan(0);
    const outcome: Outcome = typingOutcome(figures);
    expect(outcome.hopeless).toBe(false);
  });

  test('[BENCH16] everything arrives through a relay, which has no document to compare, in several documents', async () => {
    const seats = Array.from({ length: 12 }, (_, number) => ({
      number,
      document: `many-${Math.floor(number / 3)}`,
    }));
    const figures = await run('ws-relay', { seats, typists: [0, 3, 6, 9] });
    expectAllArrived(figures, 2);
    expect(figures.documents).toBe(4);
    expect([figures.acks, figures.ackMs]).toEqual([0, null]);
  });

  test('[BENCH17] a server that dies while people type is told', async () => {
    const seats = hot(2);
    const killed = run('ws-relay', {
      seats,
      typists: [0, 1],
      meanwhile: async (server) => {
        const started = performance.now();
        await until(() => performance.now() - started > 1_300, 'people to type');
        await server.kill();
      },
    });
    await expect(killed).rejects.toThrow('the server died: it ended with SIGKILL');
  });
});
