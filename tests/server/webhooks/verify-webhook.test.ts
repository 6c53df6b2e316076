import { describe, expect, test } from '@jest/globals';
import { readSecret } from '../../../server/webhooks/hook-forms.js';
import { sign } from '../../../server/webhooks/signature.js';
import {
  verifyWebhook,
  type WebhookHeaders,
  WebhookVerificationError,
} from '../../../server/webhooks/verify-webhook.js';

// The example of the reference implementation's tests ("sign function works"):
// https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/javascript/src/webhook.test.ts
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const BODY = '{"test": 2432232314}';
const HEADERS = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const NOW = 1_614_265_330_000;
const OTHER = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

describe('verifyWebhook', () => {
  test('[WEBHOOK1] signatures are those of the reference implementation', () => {
    const key = readSecret(SECRET) ?? new Uint8Array();
    const signed = { id: HEADERS['webhook-id'], timestamp: 1_614_265_330, body: BODY };
    expect(sign(key, signed)).toBe(HEADERS['webhook-signature']);
    expect(sign(key, { ...signed, body: Buffer.from(BODY) })).toBe(HEADERS['webhook-signature']);
  });

  test('[WEBHOOK1] what was signed with one of the secrets is believed, in every form in which requests come', () => {
    const expected = { test: 2_432_232_314 };
    expect(verifyWebhook(HEADERS, BODY, SECRET, NOW)).toEqual(expected);
    expect(verifyWebhook(new Headers(HEADERS), Buffer.from(BODY), [OTHER, SECRET], NOW)).toEqual(expected);
    const several = `v1,AAAA v2,x ${HEADERS['webhook-signature']} v1a,y`;
    expect(verifyWebhook({ ...HEADERS, 'webhook-signature': several }, BODY, SECRET, NOW)).toEqual(expected);
    for (const away of [-300_000, 300_000]) verifyWebhook(HEADERS, BODY, SECRET, NOW + away);
  });

  test.each<[string, WebhookHeaders, string, string, number]>([
    ['another secret', HEADERS, BODY, OTHER, NOW],
    ['another body', HEADERS, BODY.replace(' ', ''), SECRET, NOW],
    ['another id', { ...HEADERS, 'webhook-id': 'msg_other' }, BODY, SECRET, NOW],
    ['another time', { ...HEADERS, 'webhook-timestamp': '1614265331' }, BODY, SECRET, NOW],
    ['an old request', HEADERS, BODY, SECRET, NOW + 301_000],
    ['a request of the future', HEADERS, BODY, SECRET, NOW - 301_000],
    ['a time that is none', { ...HEADERS, 'webhook-timestamp': 'NaN' }, BODY, SECRET, NOW],
    ['no id', { ...HEADERS, 'webhook-id': undefined }, BODY, SECRET, NOW],
    ['no signature', { ...HEADERS, 'webhook-signature': '' }, BODY, SECRET, NOW],
    ['two signatures', { ...HEADERS, 'webhook-signature': ['v1,a', 'v1,b'] }, BODY, SECRET, NOW],
    ['a part of it', { ...HEADERS, 'webhook-signature': 'v1,g0hM9S' }, BODY, SECRET, NOW],
    [
      'another scheme',
      { ...HEADERS, 'webhook-signature': HEADERS['webhook-signature'].replace('v1', 'v2') },
      BODY,
      SECRET,
      NOW,
    ],
  ])('[WEBHOOK1] %s is refused', (_, headers, body, secret, now) => {
    expect(() => verifyWebhook(headers, body, secret, now)).toThrow(WebhookVerificationError);
  });

  test.each(['', 'whsec_', 'whsec_c2hvcnQ=', SECRET.slice(6), `${SECRET}!`, `whsec_${'A'.repeat(88)}`])(
    '[WEBHOOK1] "%s" is no secret, and that is told without it',
    (secret) => {
      const check = () => verifyWebhook(HEADERS, BODY, secret, NOW);
      expect(check).toThrow(RangeError);
      expect(check).toThrow(/^A webhook's secret must be "whsec_" and 24 to 64 random bytes/);
    },
  );
});
