import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { REAL_TEXT, writeLongText } from '../../../../bench/generator/documents/long-text.js';
import { recordedText } from '../../../../bench/generator/documents/recorded-text.js';
import { DocumentIndex } from '../../../../shared/document-index.js';
import { checkUpdate } from '../../../../shared/update-gate.js';
import { parseTrace } from '../../../../tools/replay/trace.js';
import { seededRandom } from '../../../../tools/seeded-random.js';
import { forSeeds } from '../../../support/seeds.js';
import { concurrentTrace, sequentialTrace } from '../../../support/traces.js';

const LIMITS = { maxUpdateBytes: 262_144, maxDeleteRanges: 10_000 };
const SMALL = { characters: 3_000, insertion: 5, deletion: 3 };

function textOf(updates: readonly Uint8Array[]): string {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc.getText('text').toString();
}

describe('the long text', () => {
  test('[BENCH30] it has the length and tens of thousands of pieces, and the gate takes its parts', () => {
    const long = writeLongText(REAL_TEXT, seededRandom(1));
    expect(Math.abs(long.length - REAL_TEXT.characters)).toBeLessThan(20);
    expect(long.items).toBeGreaterThan(30_000);
    const index = new DocumentIndex();
    const parts = long.parts();
    for (const part of parts) {
      index.admit(checkUpdate(part, { index, kind: 'catch-up', clientId: 5, limits: LIMITS }));
    }
    expect(textOf(parts)).toBe(long.text);
  });

  test('[BENCH30] the same seed writes the same', () => {
    const [one, same, other] = [1, 1, 2].map((seed) => writeLongText(SMALL, seededRandom(seed)));
    expect(same?.state).toEqual(one?.state);
    expect(other?.state).not.toEqual(one?.state);
  });

  test('[BENCH30] edits that follow are one update each, and bring a copy to the new text', () => {
    const long = writeLongText(SMALL, seededRandom(1));
    const before = long.state;
    const edits = long.edits(77, 20);
    const rewritten = long.rewrite(78, 5, 30);
    expect(edits).toHaveLength(20);
    expect(textOf([before, ...edits, ...rewritten])).toBe(long.text);
    expect(long.length).toBe(textOf([before]).length + 20);
  });
});

describe('a recorded text', () => {
  test('[BENCH30] it ends as recorded, with one author and with several', () => {
    forSeeds(5, 'tests/bench/generator/documents/long-text', (random) => {
      for (const json of [sequentialTrace(random, 60), concurrentTrace(random, 3, 60)]) {
        const trace = parseTrace(json);
        expect(recordedText(trace, random).text).toBe(trace.endContent);
      }
    });
  });

  test('[BENCH30] one that cannot end as recorded is refused', () => {
    const trace = parseTrace({ endContent: 'b', txns: [{ patches: [[0, 0, 'a']] }] });
    expect(() => recordedText(trace, seededRandom(1))).toThrow('does not end as recorded');
  });
});
