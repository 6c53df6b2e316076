import { CoscribeError } from '../../shared/errors.js';
import type { ContentCheck, JoinRequest, UpdateKind } from '../../shared/protocol.js';
import { decodeStateVector, MAX_STATE_VECTOR_BYTES } from '../../shared/state-vector.js';

const MAX_CLIENT_ID = 2 ** 32 - 1;
const MAX_GENERATION_LENGTH = 64;
/** Longest token, in characters. */
export const MAX_TOKEN_LENGTH = 8_192;
const HASH = /^\d{1,3}:[0-9a-f]{1,64}$/;

/** @throws CoscribeError `bad-request` */
export function readJoinRequest(value: unknown): JoinRequest {
  if (typeof value !== 'object' || value === null) throw bad('join takes an object');
  const { clientId, clientKey, generation, seq, stateVector } = value as Record<string, unknown>;
  if (!isInteger(clientId, MAX_CLIENT_ID)) throw bad('clientId is a whole number below 2^32');
  if (typeof clientKey !== 'string' || clientKey.length < 16 || clientKey.length > 64) {
    throw bad('clientKey is a string of 16 to 64 characters');
  }
  const copy = stateVector === undefined || stateVector === null ? {} : readStateVector(stateVector);
  if (generation === undefined || generation === null) return { clientId, clientKey, ...copy };
  if (typeof generation !== 'string' || generation.length > MAX_GENERATION_LENGTH)
    throw bad('generation is a string');
  if (!isInteger(seq, Number.MAX_SAFE_INTEGER)) throw bad('seq is a whole number, and comes with generation');
  return { clientId, clientKey, generation, seq, ...copy };
}

/** A copy of the bytes: what a socket delivers is often a slice of a much larger buffer. */
function readStateVector(value: unknown): Pick<JoinRequest, 'stateVector'> {
  if (!(value instanceof Uint8Array) || value.length > MAX_STATE_VECTOR_BYTES)
    throw bad(`stateVector is binary, of ${MAX_STATE_VECTOR_BYTES} bytes at most`);
  try {
    decodeStateVector(value);
  } catch (cause) {
    throw new CoscribeError('bad-request', 'stateVector does not decode', { cause });
  }
  return { stateVector: new Uint8Array(value) };
}

/** @throws CoscribeError `bad-request` */
export function readBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw bad('an update is binary');
}

/** @throws CoscribeError `bad-request` */
export function readKind(value: unknown): UpdateKind {
  if (value === 'live' || value === 'catch-up') return value;
  throw bad('the kind of an update is "live" or "catch-up"');
}

/** @throws CoscribeError `bad-request` */
export function readCheck(seq: unknown, hash: unknown): ContentCheck {
  if (!isInteger(seq, Number.MAX_SAFE_INTEGER)) throw bad('seq is a whole number');
  if (typeof hash !== 'string' || !HASH.test(hash))
    throw bad('a hash is a version, a colon, and hexadecimal digits');
  return { seq, hash };
}

/** @throws CoscribeError `bad-request` */
export function readToken(value: unknown): string {
  if (typeof value === 'string' && value.length <= MAX_TOKEN_LENGTH) return value;
  throw bad(`a token is a string of ${MAX_TOKEN_LENGTH} characters at most`);
}

function isInteger(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;
}

function bad(detail: string): CoscribeError {
  return new CoscribeError('bad-request', detail);
}
