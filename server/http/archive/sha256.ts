import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

/** So much takes about a millisecond or two; then others have their turn. */
const SLICE_BYTES = 1024 * 1024;

/** SHA-256 in hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    if (at > 0) await setImmediate();
    hash.update(bytes.subarray(at, at + SLICE_BYTES));
  }
  return hash.digest('hex');
}
