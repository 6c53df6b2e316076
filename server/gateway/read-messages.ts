import { CoscribeError } from '../../shared/errors.js';
import type { JoinRequest, UpdateKind } from '../../shared/protocol.js';

const MAX_CLIENT_ID = 2 ** 32 - 1;
const MAX_GENERATION_LENGTH = 64;

/** @throws CoscribeError `bad-request` */
export function readJoinRequest(value: unknown): JoinRequest {
  if (typeof value !== 'object' || value === null) throw bad('join takes an object');
  const { clientId, clientKey, generation, seq } = value as Record<string, unknown>;
  if (!isInteger(clientId, MAX_CLIENT_ID)) throw bad('clientId is a whole number below 2^32');
  if (typeof clientKey !== 'string' || clientKey.length < 16 || clientKey.length > 64) {
    throw bad('clientKey is a string of 16 to 64 characters');
  }
  if (generation === undefined || generation === null) return { clientId, clientKey };
  if (typeof generation !== 'string' || generation.length > MAX_GENERATION_LENGTH)
    throw bad('generation is a string');
  if (!isInteger(seq, Number.MAX_SAFE_INTEGER)) throw bad('seq is a whole number, and comes with generation');
  return { clientId, clientKey, generation, seq };
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

function isInteger(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;
}

function bad(detail: string): CoscribeError {
  return new CoscribeError('bad-request', detail);
}
