import { describe, expect, test } from '@jest/globals';
import { Turns } from '../../../server/copies/turns.js';
import { settle } from '../../support/manual-clock.js';

/** Something that goes on until it is told to end. */
function held(turns: Turns, kind: 'together' | 'alone', name: string, order: string[]) {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const done = turns.take(kind, async () => {
    order.push(name);
    await ended;
  });
  return { end, done };
}

describe('turns', () => {
  test('[COPY3] any number look at the same time, one changes alone, in the order in which they came', async () => {
    const turns = new Turns();
    const order: string[] = [];
    const first = held(turns, 'together', 'look 1', order);
    const second = held(turns, 'together', 'look 2', order);
    const change = held(turns, 'alone', 'change 1', order);
    const late = held(turns, 'together', 'look 3', order);
    await settle();
    expect(order).toEqual(['look 1', 'look 2']);
    first.end();
    await settle();
    expect(order).toHaveLength(2);
    second.end();
    await settle();
    expect(order).toEqual(['look 1', 'look 2', 'change 1']);
    change.end();
    late.end();
    await late.done;
    expect(order.at(-1)).toBe('look 3');
    expect(turns.idle).toBe(true);
  });

  test('[COPY14] whoever fails lets the next one go on; too many do not wait', async () => {
    const turns = new Turns();
    const failed = turns.take('alone', () => Promise.reject(new Error('no')));
    const next = turns.take('together', () => Promise.resolve('yes'));
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
    const order: string[] = [];
    const holder = held(turns, 'alone', 'holder', order);
    const waiting = Array.from({ length: 1_000 }, () => turns.take('together', () => Promise.resolve()));
    await expect(turns.take('together', () => Promise.resolve())).rejects.toMatchObject({
      code: 'server-busy',
    });
    holder.end();
    await Promise.all(waiting);
    expect(turns.idle).toBe(true);
  });
});
