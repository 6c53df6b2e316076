import { describe, expect, test } from '@jest/globals';
import { dealPlans, dealTypists, typistsOf } from '../../../load/run/deal.js';
import { loadOptions } from '../../support/load-options.js';

const TARGETS = [{ url: 'http://a' }];

/** Who plays which client of which document: `name#number` to the processes that do. */
function players(line: string): Map<string, number[]> {
  const all = new Map<string, number[]>();
  for (const [process, { documents }] of dealPlans(loadOptions(line), TARGETS, 'run').entries()) {
    for (const { name, clients } of documents) {
      for (const number of clients) {
        const key = `${name}#${number}`;
        all.set(key, [...(all.get(key) ?? []), process]);
      }
    }
  }
  return all;
}

describe('dealing out', () => {
  test.each([
    '--docs 10 --clients 37 --processes 3',
    '--docs 1 --clients 10 --processes 4',
    '--docs 3 --clients 3 --processes 4',
    '--docs 7 --clients 100 --processes 1',
    '--docs 2 --clients 5 --processes 64',
  ])('[LOAD3] %s: every client is played by exactly one process', (line) => {
    const options = loadOptions(line);
    const all = players(line);
    expect(all.size).toBe(options.clients);
    expect([...all.values()].every((processes) => processes.length === 1)).toBe(true);
  });

  test('[LOAD3] documents stay whole if there are enough of them', () => {
    const plans = dealPlans(loadOptions('--docs 8 --clients 40 --processes 3'), TARGETS, 'run');
    for (const { documents } of plans)
      for (const { clients, clientsInAll } of documents) expect(clients).toHaveLength(clientsInAll);
  });

  test('[LOAD3] clients and typists are spread evenly over documents, and their sums are those asked for', () => {
    const options = loadOptions('--docs 7 --clients 100 --typists 30 --processes 2');
    const plans = dealPlans(options, TARGETS, 'run');
    const documents = plans.flatMap((plan) => plan.documents);
    const clients = documents.map(({ clientsInAll }) => clientsInAll);
    expect(Math.max(...clients) - Math.min(...clients)).toBeLessThanOrEqual(1);
    expect(plans.map(typistsOf).reduce((sum, typists) => sum + typists, 0)).toBe(30);
    expect(plans.reduce((sum, { arrivalsPerSecond }) => sum + arrivalsPerSecond, 0)).toBeCloseTo(100);
  });

  test('[LOAD3] the typists of a level are dealt out by how many each process has', () => {
    expect(dealTypists(5, [10, 10])).toEqual([2, 3]);
    expect(dealTypists(20, [10, 10])).toEqual([10, 10]);
    expect(dealTypists(0, [10, 10])).toEqual([0, 0]);
    expect(dealTypists(1, [0, 30, 3])).toEqual([0, 0, 1]);
  });
});
