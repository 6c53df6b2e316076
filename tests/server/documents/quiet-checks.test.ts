import { describe, expect, test } from '@jest/globals';
import { type Checked, QuietChecks } from '../../../server/documents/quiet-checks.js';
import { ManualClock, settle } from '../../support/manual-clock.js';

const POLICY = { quietMs: 10_000, everyMs: 60_000, everyMsPerMb: 60_000, share: 0.05 };

function setUp() {
  const clock = new ManualClock();
  const checks = new QuietChecks(clock, POLICY);
  const done: string[] = [];
  /** A document whose check takes so long, in milliseconds. */
  const document = (name: string, { bytes = 0, takes = 0 } = {}): Checked => ({
    bytes,
    check: async () => {
      done.push(`${name} at ${clock.monotonic()}`);
      await Promise.resolve();
      if (takes > 0) clock.advance(takes);
    },
  });
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 500) {
      clock.advance(500);
      await settle();
    }
  };
  return { clock, checks, done, document, pass };
}

describe('when documents are checked', () => {
  test('[CHECK4] once they have been quiet for a while, and not again before something is new', async () => {
    const { checks, done, document, pass } = setUp();
    const notes = document('notes');
    for (let edits = 0; edits < 10; edits++) {
      checks.changed(notes);
      await pass(5_000);
    }
    expect(done).toEqual([]);
    await pass(5_000);
    expect(done).toHaveLength(1);
    await pass(300_000);
    expect(done).toHaveLength(1);
    checks.changed(notes);
    await pass(10_000);
    expect(done).toHaveLength(2);
  });

  test('[CHECK5] each one at most once a minute, and a large one more seldom', async () => {
    const { checks, done, document, pass } = setUp();
    const [small, large] = [document('small'), document('large', { bytes: 4 * 2 ** 20 })];
    for (let quarter = 0; quarter < 40; quarter++) {
      checks.changed(small);
      checks.changed(large);
      await pass(15_000);
    }
    const count = (name: string): number => done.filter((line) => line.startsWith(name)).length;
    expect(count('small')).toBeGreaterThanOrEqual(8);
    expect(count('small')).toBeLessThanOrEqual(10);
    expect(count('large')).toBe(2);
  });

  test('[CHECK5] a node checks one document at a time, and for a twentieth of the time', async () => {
    const { clock, checks, done, document, pass } = setUp();
    for (let n = 0; n < 30; n++) checks.changed(document(`${n}`, { takes: 1_000 }));
    expect(clock.pending).toBe(1);
    await pass(400_000);
    expect(done.length).toBeGreaterThanOrEqual(12);
    expect(done.length).toBeLessThanOrEqual(22);
    await pass(400_000);
    expect(done).toHaveLength(30);
    expect(clock.pending).toBe(0);
  });

  test('[CHECK5] thousands of small documents cost one timer', async () => {
    const { clock, checks, done, document, pass } = setUp();
    const documents = Array.from({ length: 5_000 }, (_, n) => document(`${n}`));
    for (const one of documents) checks.changed(one);
    expect(clock.pending).toBe(1);
    await pass(10_500);
    expect(done).toHaveLength(5_000);
    expect(clock.pending).toBe(0);
  });

  test('[CHECK4] one that is asked for has its turn, but not before its time', async () => {
    const { checks, done, document, pass } = setUp();
    const notes = document('notes');
    checks.ask(notes);
    await pass(5_000);
    checks.ask(notes);
    await pass(5_000);
    expect(done).toHaveLength(1);
    checks.ask(notes);
    await pass(50_000);
    expect(done).toHaveLength(1);
    await pass(10_000);
    expect(done).toHaveLength(2);
  });

  test('[CHECK4] nothing is checked that is put away, nor anything once the node stops', async () => {
    const { clock, checks, done, document, pass } = setUp();
    const [away, left] = [document('away'), document('left')];
    checks.changed(away);
    checks.changed(left);
    checks.forget(away);
    await pass(20_000);
    expect(done).toEqual([expect.stringContaining('left')]);
    checks.changed(away);
    checks.stop();
    checks.changed(left);
    checks.ask(away);
    await pass(600_000);
    expect(done).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});
