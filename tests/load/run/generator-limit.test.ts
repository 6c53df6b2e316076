import { describe, expect, test } from '@jest/globals';
import { watchMachine } from '../../../load/nodes/machine-usage.js';
import { generatorNote, isGeneratorsLimit } from '../../../load/run/generator-limit.js';
import { Window } from '../../../load/run/window.js';

const figures = new Window(true, 0, 0).figures();
const busy = { ...figures, generatorCpu: 0.97 };
const late = { ...figures, generatorLate: 0.3 };
const step = (typists: number, held: boolean, of = figures) => ({ typists, held, figures: of });

describe('whose limit a search has found', () => {
  const limit = { complete: true, typists: 400, held: 380, broke: 410 };

  test('[LOAD20] that of the generator, if it had no time left at most levels near it that broke', () => {
    const steps = [step(380, true, busy), step(410, false, busy), step(430, false, late), step(440, false)];
    expect(isGeneratorsLimit(limit, steps)).toBe(true);
    expect(generatorNote(busy, { isLimit: true, isSearch: true, machineBusy: 0.5 })).toMatch(
      /^The load generator was the limit, .*97 % of a core\): the servers may take more than that\. /,
    );
  });

  test('[LOAD20] that of the servers, whatever the generator did far beyond it, or where all was well', () => {
    const steps = [step(800, false, busy), step(380, true, busy), step(410, false)];
    expect(isGeneratorsLimit(limit, steps)).toBe(false);
    expect(isGeneratorsLimit({ ...limit, broke: null }, [step(400, true, busy)])).toBe(false);
    expect(generatorNote(late, { isLimit: false, isSearch: true, machineBusy: 1 })).toBeUndefined();
    expect(generatorNote(figures, { isLimit: false, isSearch: false, machineBusy: 1 })).toBeUndefined();
  });

  test('[LOAD20] more processes are advised only where a core has time for them', () => {
    const of = { isLimit: true, isSearch: false };
    expect(generatorNote(busy, { ...of, machineBusy: 0.5 })).toMatch(
      /Give it more --processes, or a machine/,
    );
    const full = generatorNote(busy, { ...of, machineBusy: 0.97 });
    expect(full).toMatch(/Give it a machine of its own, .* more --processes would not help/);
    const idle = watchMachine()();
    expect(idle >= 0 && idle <= 1).toBe(true);
  });
});
