import { describe, expect, test } from '@jest/globals';
import { Author } from '../../../../load/generator/author/author.js';
import { PROSE } from '../../../../load/generator/text/prose.js';
import { recordingOf } from '../../../../load/generator/text/recorded-text.js';
import { WrittenText } from '../../../../load/generator/text/written-text.js';
import { KeysTyping, scaleOf } from '../../../../load/generator/typing/keys.js';
import { ReplayTyping } from '../../../../load/generator/typing/replay.js';
import { SteadyTyping } from '../../../../load/generator/typing/steady.js';
import type { TypingModel } from '../../../../load/generator/typing/typing-model.js';
import { KnownSets } from '../../../../load/generator/view/deletion-set.js';
import { parseTrace } from '../../../../tools/replay/trace.js';
import { forSeeds, seededRandom } from '../../../support/seeds.js';
import { sequentialTrace } from '../../../support/traces.js';

const TEXT = new WrittenText(PROSE, true);
const RERUN = 'tests/load/generator/typing/keys';

function typed(model: TypingModel, edits: number) {
  const author = new Author(12, new KnownSets());
  const kinds = { keys: 0, corrections: 0, wordDeletes: 0, pastes: 0, inMiddle: 0 };
  const pauses: number[] = [];
  let longest = 0;
  for (let i = 0; i < edits; i++) {
    const { clock } = author;
    const { length, caret } = author.text;
    const deleted = author.deleted.count;
    pauses.push(model.type(author));
    if (!author.commit(0)) throw new Error(`the call ${i} was no edit`);
    const written = author.clock - clock;
    const gone = author.deleted.count - deleted;
    if (written > 1) kinds.pastes++;
    else if (written === 1) kinds.keys++;
    else if (gone === 1) kinds.corrections++;
    else kinds.wordDeletes++;
    if (written > 0 && (caret < length || author.text.caret < author.text.length)) kinds.inMiddle++;
    longest = Math.max(longest, author.text.length);
  }
  return { author, kinds, pauses, longest, meanMs: pauses.reduce((sum, one) => sum + one, 0) / edits };
}

describe('how people type', () => {
  test('[LOADGEN3] keys come at the pace that was asked for, in bursts, with corrections, pastes and insertions', () => {
    forSeeds(2, RERUN, (random) => {
      const options = { text: TEXT, charactersPerSecond: 5, thinkMs: 0, maxCharacters: 2_000, random };
      const { kinds, pauses, longest, meanMs } = typed(new KeysTyping(options, scaleOf(TEXT, 5)), 40_000);
      expect(meanMs).toBeGreaterThan(200 * 0.9);
      expect(meanMs).toBeLessThan(200 * 1.1);
      const share = (count: number): number => count / 40_000;
      expect(share(kinds.corrections)).toBeGreaterThan(0.035);
      expect(share(kinds.corrections)).toBeLessThan(0.075);
      expect(share(kinds.pastes)).toBeGreaterThan(0.0003);
      expect(share(kinds.pastes)).toBeLessThan(0.004);
      expect(share(kinds.wordDeletes)).toBeGreaterThan(0.001);
      expect(share(kinds.inMiddle)).toBeGreaterThan(0.01);
      expect(longest).toBeLessThan(2_000 + 200);
      pauses.sort((a, b) => a - b);
      const median = pauses[20_000] ?? 0;
      // Skewed to the right: most keys are quick, few pauses are long.
      expect(median).toBeLessThan(0.9 * meanMs);
      expect(pauses[39_600] ?? 0).toBeGreaterThan(4 * median);
    });
  });

  test('[LOADGEN3] the same seed types the same, and rests come on top of the pace', () => {
    const model = (thinkMs: number): KeysTyping =>
      new KeysTyping(
        { text: TEXT, charactersPerSecond: 5, thinkMs, maxCharacters: 500, random: seededRandom(3) },
        scaleOf(TEXT, 5),
      );
    const one = typed(model(0), 5_000);
    const again = typed(model(0), 5_000);
    expect(again.pauses).toEqual(one.pauses);
    expect([...again.author.text.clocks()]).toEqual([...one.author.text.clocks()]);
    expect(typed(model(5_000), 5_000).meanMs).toBeGreaterThan(1.2 * one.meanMs);
  });

  test('[LOADGEN3] steady typing is one character at even intervals, and stays below the longest text', () => {
    const options = { charactersPerSecond: 4, thinkMs: 0, maxCharacters: 80, random: seededRandom(1) };
    const { pauses, longest, kinds } = typed(new SteadyTyping(options), 1_000);
    expect(new Set(pauses)).toEqual(new Set([250]));
    expect(longest).toBe(80);
    expect(kinds.inMiddle + kinds.pastes).toBe(0);
  });

  test('[LOADGEN4] a recording is played edit by edit, and begins anew at its end', () => {
    const random = seededRandom(11);
    const trace = parseTrace(sequentialTrace(random, 60));
    const { edits, text } = recordingOf(trace);
    const options = { charactersPerSecond: 10, thinkMs: 0, maxCharacters: 10_000, random };
    const model = new ReplayTyping(edits, options);
    const author = new Author(3, new KnownSets());
    const believed = (): string =>
      Array.from(author.text.clocks(), (clock) => text.charAt(author.clientId, clock)).join('');
    for (const _ of edits) {
      model.type(author);
      author.commit(0);
    }
    const plain = trace.endContent.replace(/[^\0-\uD7FF\uE000-\uFFFF]/gu, '□');
    expect(believed()).toBe(plain);
    model.type(author);
    expect(author.text.length).toBe(0);
    for (const _ of edits) model.type(author);
    expect(believed()).toBe(plain);
  });
});
