import { describe, expect, test } from '@jest/globals';
import { type Part, Supervisor } from '../../../tools/cluster/supervisor.js';
import { ManualClock } from '../../support/manual-clock.js';

/** A part that a test lets end. */
class TestPart implements Part {
  readonly name = 'node 1';
  up = true;
  starts = 0;
  /** Whether the next starts succeed. */
  starting: 'well' | 'badly' = 'well';

  running(): boolean {
    return this.up;
  }

  async start(): Promise<void> {
    this.starts++;
    if (this.starting === 'badly') throw new Error('the port is taken');
    this.up = true;
  }
}

function supervise(restart = true) {
  const clock = new ManualClock();
  const part = new TestPart();
  const supervisor = new Supervisor({ parts: [part], clock, restart });
  const lookAfter = async (ms: number): Promise<void> => {
    clock.advance(ms);
    supervisor.look();
    // What was begun ends in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { part, supervisor, lookAfter };
}

describe('what ended by itself', () => {
  test('[DEPLOY21] is told, and started again half a second later', async () => {
    const { part, supervisor, lookAfter } = supervise();
    await lookAfter(0);
    expect(supervisor.trouble('node 1')).toBeUndefined();
    part.up = false;
    expect(supervisor.trouble('node 1')).toBe('ended');
    await lookAfter(0);
    expect(supervisor.trouble('node 1')).toBe('ended, again in 1 s');
    await lookAfter(499);
    expect(part.starts).toBe(0);
    await lookAfter(1);
    expect(part.starts).toBe(1);
    expect(supervisor.trouble('node 1')).toBeUndefined();
  });

  test('[DEPLOY21] waits longer each time, half a minute at most, until it has run for a minute', async () => {
    const { part, supervisor, lookAfter } = supervise();
    part.up = false;
    part.starting = 'badly';
    const breaks = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000];
    for (const [index, ms] of breaks.entries()) {
      await lookAfter(0);
      await lookAfter(ms - 1);
      expect(part.starts).toBe(index);
      await lookAfter(1);
      expect(part.starts).toBe(index + 1);
    }
    part.starting = 'well';
    await lookAfter(0);
    await lookAfter(30_000);
    expect(supervisor.trouble('node 1')).toBeUndefined();
    await lookAfter(60_000);
    part.up = false;
    await lookAfter(0);
    await lookAfter(500);
    expect(part.starts).toBe(breaks.length + 2);
  });

  test('[DEPLOY21] stays so with --no-restart, and after the stop', async () => {
    const { part, supervisor, lookAfter } = supervise(false);
    part.up = false;
    await lookAfter(0);
    await lookAfter(3_600_000);
    expect(supervisor.trouble('node 1')).toBe('ended');
    const other = supervise();
    await other.supervisor.stop();
    other.part.up = false;
    await other.lookAfter(0);
    await other.lookAfter(60_000);
    expect(part.starts + other.part.starts).toBe(0);
  });
});
