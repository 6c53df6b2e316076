import { describe, expect, test } from '@jest/globals';
import { judge } from '../../../bench/generator/verdict.js';

describe('what limited a run', () => {
  test('[BENCH9] a server at 95 % of its core is saturated', () => {
    expect(judge({ serverShare: 0.949, generatorShare: 0.5, slipP99: 1 })).toEqual({
      saturated: false,
      generatorBound: false,
    });
    expect(judge({ serverShare: 0.95, generatorShare: 0.5, slipP99: 1 })).toEqual({
      saturated: true,
      generatorBound: false,
    });
  });

  test('[BENCH9] a busy generator is told, and a late one unless the server had its hands full', () => {
    expect(judge({ serverShare: 0.5, generatorShare: 0.91, slipP99: 1 })).toMatchObject({
      generatorBound: true,
      why: expect.stringContaining('91 %'),
    });
    expect(judge({ serverShare: 0.99, generatorShare: 0.91, slipP99: 1 }).generatorBound).toBe(true);
    expect(judge({ serverShare: 0.5, generatorShare: 0.3, slipP99: 10.1 })).toMatchObject({
      generatorBound: true,
      why: expect.stringContaining('10.1 ms late'),
    });
    expect(judge({ serverShare: 0.99, generatorShare: 0.3, slipP99: 10.1 }).generatorBound).toBe(false);
    expect(judge({ serverShare: 0.5, generatorShare: 0.3, slipP99: null }).generatorBound).toBe(false);
  });

  test('[BENCH9] a run is disturbed if others have taken more than a twentieth of a core', () => {
    const loads = { serverShare: 0.5, generatorShare: 0.3, slipP99: 1 };
    expect(judge({ ...loads, others: { server: 0.04, generator: 0.03 } }).disturbed).toBeUndefined();
    expect(judge({ ...loads, others: { server: 0.02, generator: 0.31 } }).disturbed).toBe(
      "others used 2 % of the server's core and 31 % of the generator's",
    );
  });
});
