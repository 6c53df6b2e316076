import type { CoscribeError } from '../../../shared/errors.js';

/** Codes of RFC 6455, 7.4, and of the IANA registry of WebSocket close codes. */
export const UNSUPPORTED_DATA = 1003;
const SERVICE_RESTART = 1012;
const TRY_AGAIN_LATER = 1013;

/** What a WebSocket has room for beside the code, in bytes (RFC 6455, 5.5.1). */
const MAX_REASON_BYTES = 123;
/** 4000 to 4999 are the applications' own: there, each HTTP status has a code. */
const APPLICATION = 4000;

/**
 * The code with which a WebSocket is closed for a reason. y-websocket's clients (since 3.1) take 4400 to 4499 for final and
 * come back after all others; so what passes has none of those.
 */
export function closeCodeOf({ code, status, retryable }: CoscribeError, mayComeBack = retryable): number {
  if (code === 'shutting-down') return SERVICE_RESTART;
  return mayComeBack && status < 500 ? TRY_AGAIN_LATER : APPLICATION + status;
}

/** As much of a sentence as a WebSocket can be closed with. */
export function closeReasonOf(sentence: string): string {
  if (Buffer.byteLength(sentence) <= MAX_REASON_BYTES) return sentence;
  const room = MAX_REASON_BYTES - Buffer.byteLength('…');
  let [bytes, kept] = [0, ''];
  for (const character of sentence) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    kept += character;
  }
  return `${kept}…`;
}
