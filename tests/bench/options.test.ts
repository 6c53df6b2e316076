import { describe, expect, test } from '@jest/globals';
import { helpText, readOptions } from '../../bench/options.js';

const AVAILABLE = { scenarios: ['hot', 'many'], servers: ['ours', 'theirs', 'relay'] };

describe('the command line of the benchmark', () => {
  test('[BENCH13] without options everything runs', () => {
    expect(readOptions([], AVAILABLE)).toEqual({
      scenarios: ['hot', 'many'],
      servers: ['ours', 'theirs', 'relay'],
      choices: {
        typists: [50, 200, 400, 1000],
        documents: [200, 1000, 5000],
        warmUpMs: 15_000,
        measureMs: 10_000,
        seed: 1,
      },
      out: 'bench/results',
    });
    expect(readOptions(['--help'], AVAILABLE)).toBe('help');
  });

  test('[BENCH13] options choose scenarios, servers, sizes and seconds', () => {
    const args =
      '--scenario many --servers relay,ours --typists 90,7 --seconds 2 --warm-up 0.5 --seed 3 --out /x';
    expect(readOptions(args.split(' '), AVAILABLE)).toEqual({
      scenarios: ['many'],
      servers: ['ours', 'relay'],
      choices: { typists: [7, 90], documents: [200, 1000, 5000], warmUpMs: 500, measureMs: 2000, seed: 3 },
      out: '/x',
    });
  });

  test('[BENCH13] what makes no sense is told', () => {
    for (const args of [
      ['--scenario', 'cold'],
      ['--servers', 'ours,other'],
      ['--typists', '1'],
      ['--typists', '5,x'],
      ['--seconds', '0'],
      ['--seconds', 'long'],
      ['--nonsense'],
      ['word'],
    ]) {
      expect(() => readOptions(args, AVAILABLE)).toThrow();
    }
  });

  test('[BENCH13] help names every option, scenario and server', () => {
    const help = helpText(AVAILABLE);
    for (const word of [
      '--scenario',
      '--servers',
      '--typists',
      '--seconds',
      '--out',
      'hot, many',
      'ours, theirs, relay',
    ]) {
      expect(help).toContain(word);
    }
  });
});
