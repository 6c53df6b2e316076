import { expect, test } from '@jest/globals';
import { RecentErrors } from '../../../server/admin/recent-errors.js';
import { CoscribeError } from '../../../shared/errors.js';
import { collectLog } from '../../support/collect-log.js';
import { ManualClock } from '../../support/manual-clock.js';

function recentErrors() {
  const log = collectLog();
  const clock = new ManualClock();
  return { log, clock, errors: new RecentErrors(log, clock) };
}

test('[ADMIN7] everything is logged as before, and warnings and errors are kept with their code and document', () => {
  const { log, clock, errors } = recentErrors();
  errors.debug({ a: 1 }, 'one');
  errors.info({ b: 2 }, 'two');
  errors.warn({ document: 'acme/plan', err: new CoscribeError('store-unavailable') }, 'three');
  clock.advance(5);
  errors.error({ reason: 'it is away' }, 'four');
  expect(log.entries.map(({ level, message }) => `${level} ${message}`)).toEqual([
    'debug one',
    'info two',
    'warn three',
    'error four',
  ]);
  expect(log.entries[1]?.fields).toEqual({ b: 2 });
  expect(errors.count).toBe(2);
  const at = clock.wall();
  expect(errors.list('node-1')).toEqual([
    {
      ...{ node: 'node-1', at: at - 5, level: 'warn', code: 'store-unavailable', document: 'acme/plan' },
      message: expect.stringMatching(/^three: The server cannot save/),
    },
    { node: 'node-1', at, level: 'error', message: 'four: it is away' },
  ]);
});

test('[ADMIN7] the newest hundred are kept, each one line of bounded length and of whole characters', () => {
  const { errors } = recentErrors();
  for (let number = 0; number < 250; number++) errors.warn({}, `number ${number}`);
  expect(errors.list('n')).toHaveLength(100);
  expect(errors.list('n').at(-1)?.message).toBe('number 249');
  expect(errors.count).toBe(250);

  errors.error({ err: new Error(`${'x'.repeat(250)}\n\u2028\0${'😀'.repeat(5_000)}`) }, 'long');
  errors.error({ document: 'd'.repeat(5_000), err: 'no error at all', reason: 7 }, '<b>bold</b>\r\n');
  const [long, odd] = errors.list('n').slice(-2);
  expect(long?.message.length).toBeLessThanOrEqual(300);
  expect(long?.message).toMatch(/^long: x+ (😀)+\uFFFD?…$/u);
  expect(odd).toMatchObject({ message: '<b>bold</b> ', level: 'error' });
  expect(odd?.document?.length).toBe(129);
  expect(odd).not.toHaveProperty('code');
});
