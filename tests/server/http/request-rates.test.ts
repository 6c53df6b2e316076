import { expect, test } from '@jest/globals';
import { RequestRates } from '../../../server/http/request-rates.js';
import { ManualClock } from '../../support/manual-clock.js';

const refused = expect.objectContaining({ code: 'too-many-requests' });

test('[API11] an address has its burst, then so many requests a second; refused ones do not count', () => {
  const clock = new ManualClock();
  const rates = new RequestRates({ maxRequestsPerSecond: 10, requestBurst: 20 }, clock);
  for (let n = 0; n < 20; n++) rates.take('a');
  for (let n = 0; n < 100; n++) expect(() => rates.take('a')).toThrow(refused);
  clock.advance(100);
  rates.take('a');
  expect(() => rates.take('a')).toThrow(refused);
  rates.take('b');
  clock.advance(2000);
  for (let n = 0; n < 20; n++) rates.take('a');
});

test('[API11] only so many addresses are remembered, and those that have rested are forgotten', () => {
  const clock = new ManualClock();
  const rates = new RequestRates({ maxRequestsPerSecond: 1, requestBurst: 2 }, clock);
  for (let n = 0; n < 25_000; n++) rates.take(`address ${n}`);
  expect(rates.size).toBe(10_000);
  rates.take('address 24999');
  expect(() => rates.take('address 24999')).toThrow(refused);
  clock.advance(3000);
  rates.take('another');
  expect(rates.size).toBe(1);
});
