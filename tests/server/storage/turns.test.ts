import { expect, test } from '@jest/globals';
import { Turns } from '../../../server/storage/turns.js';

test('[STORE16] one thing is done after the other, and a failure keeps nobody from his turn', async () => {
  const turns = new Turns();
  const events: string[] = [];
  const work = (name: string, fails: boolean) =>
    turns.run(async () => {
      events.push(`${name} begins`);
      await Promise.resolve();
      events.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    });
  const outcomes = await Promise.allSettled([work('a', false), work('b', true), work('c', false)]);
  expect(events).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  expect(outcomes).toMatchObject([{ value: 'a' }, { reason: { message: 'b' } }, { value: 'c' }]);
});
