import { expect, test } from '@jest/globals';
import { settingsOf } from '../../../load/run/make-result.js';
import { loadOptions } from '../../support/load-options.js';

test('[LOADREP9] rates among the settings have the digits that mean something', () => {
  const line = '--nodes 3 --chaos kill,stop,redis --every 9s --churn 100/min --presence 1/h';
  expect(settingsOf(loadOptions(line))).toMatchObject({
    chaos: 'kill=2.22/min,stop=2.22/min,redis=2.22/min',
    churn: '1.67/s',
    presence: '0.00028/s',
  });
});
