import { createHmac } from 'node:crypto';

/** What is signed, and as what. */
export interface Signed {
  readonly id: string;
  /** Seconds since the Unix epoch. */
  readonly timestamp: number;
  readonly body: string | Uint8Array;
}

/**
 * One signature of Standard Webhooks' symmetric scheme: `v1,` and HMAC-SHA256 in base64.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function sign(key: Uint8Array, { id, timestamp, body }: Signed): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
}
