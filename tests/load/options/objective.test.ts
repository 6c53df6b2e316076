import { describe, expect, test } from '@jest/globals';
import { type Findings, findingOf, holds, readObjective } from '../../../load/options/objective.js';

function findings(over: Partial<Findings> = {}): Findings {
  return {
    quantile: (measure, share) => ({ ack: 10, shown: 20, join: 300 })[measure] * share,
    typed: 200,
    errors: 1,
    acknowledges: true,
    ...over,
  };
}

describe('an objective', () => {
  test.each([
    ['p99<250ms', 'both', 0.99, 250],
    ['ack-p99.9<1s', 'ack', 0.999, 1000],
    ['shown-p95 < 0.5s', 'shown', 0.95, 500],
    ['join-max<5s', 'join', 1, 5000],
    ['errors<1%', 'errors', 1, 0.01],
  ])('[LOAD15] %s', (text, measure, share, below) => {
    const objective = readObjective('--slo', text);
    expect(objective).toMatchObject({ measure, below });
    expect(objective.share).toBeCloseTo(share);
  });

  test('[LOAD15] without a word it is about the slower of saved and shown', () => {
    const objective = readObjective('--slo', 'p50<10ms');
    expect(findingOf(objective, findings())).toBe(10);
    expect(holds(objective, 10)).toBe(false);
    expect(holds(objective, 9.9)).toBe(true);
  });

  test('[LOAD15] where nobody is shown anything it is about what is saved, and where nothing is acknowledged about what is shown', () => {
    const objective = readObjective('--slo', 'p50<10ms');
    const alone = findings({ quantile: (measure, share) => (measure === 'ack' ? 10 * share : null) });
    expect(findingOf(objective, alone)).toBe(5);
    const silent = findings({
      acknowledges: false,
      quantile: (measure, share) => (measure === 'shown' ? 20 * share : null),
    });
    expect(findingOf(objective, silent)).toBe(10);
  });

  test('[LOAD15] what never came does not hold, and neither does nothing at all', () => {
    const objective = readObjective('--slo', 'p99<10s');
    const stuck = findings({ quantile: (_, share) => (share > 0.5 ? null : 1) });
    expect(findingOf(objective, stuck)).toBeNull();
    expect(holds(objective, null)).toBe(false);
  });

  test('[LOAD15] errors are a share of what was typed', () => {
    const objective = readObjective('--slo', 'errors<1%');
    expect(findingOf(objective, findings())).toBe(0.005);
    expect(findingOf(objective, findings({ typed: 0 }))).toBeNull();
  });
});
