import { timingSafeEqual } from 'node:crypto';
import type { WebhookEvent } from './event.js';
import { readSecret, SECRET_FORM } from './hook-forms.js';
import { sign } from './signature.js';

/** How far the clocks of sender and receiver may differ, and how long a request may be under way, in seconds. */
const TOLERANCE_S = 300;

/** A request that is not to be believed; its message says why. */
export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError';
}

/** A request's headers as `node:http`, Express and Fastify have them, or as `fetch` does. */
export type WebhookHeaders =
  | { readonly [name: string]: string | readonly string[] | undefined }
  | { get(name: string): string | null };

/**
 * Checks that a webhook request comes from whoever has the secret, and is not an old one that is sent again. The same
 * request may come twice all the same: its `id` tells.
 *
 * @param body what was received, byte for byte: JSON that was read and written again is something else
 * @param secret one, or several while it is changed
 * @param now milliseconds since the Unix epoch
 * @throws WebhookVerificationError; RangeError for a secret that is none
 */
export function verifyWebhook(
  headers: WebhookHeaders,
  body: string | Uint8Array,
  secret: string | readonly string[],
  now = Date.now(),
): WebhookEvent {
  const id = header(headers, 'webhook-id');
  const stamp = header(headers, 'webhook-timestamp');
  const timestamp = /^\d{1,12}$/.test(stamp) ? Number(stamp) : Number.NaN;
  if (!(Math.abs(now / 1000 - timestamp) <= TOLERANCE_S))
    throw new WebhookVerificationError(`webhook-timestamp is more than ${TOLERANCE_S} s away from now`);
  const given = header(headers, 'webhook-signature').split(' ').map(Buffer.from);
  const expected = keysOf(secret).map((key) => Buffer.from(sign(key, { id, timestamp, body })));
  const fits = expected.some((one) => given.some((other) => equal(one, other)));
  if (!fits) throw new WebhookVerificationError('webhook-signature does not fit');
  return JSON.parse(typeof body === 'string' ? body : Buffer.from(body).toString('utf8')) as WebhookEvent;
}

function keysOf(secret: string | readonly string[]): Uint8Array[] {
  return (typeof secret === 'string' ? [secret] : secret).map((text) => {
    const key = readSecret(text);
    if (key === undefined) throw new RangeError(`A webhook's secret ${SECRET_FORM}.`);
    return key;
  });
}

function header(headers: WebhookHeaders, name: string): string {
  const value = isGetter(headers) ? headers.get(name) : headers[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new WebhookVerificationError(`there is no ${name}, or more than one`);
}

function isGetter(headers: WebhookHeaders): headers is { get(name: string): string | null } {
  return typeof headers.get === 'function';
}

function equal(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
