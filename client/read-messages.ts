import { CoscribeError, type WireError } from '../shared/errors.js';
import { type Committed, type ContentCheck, type Joined, readWireError } from '../shared/protocol.js';

/** What the server sends is checked like anything that comes over a network: it may be another program's. */
type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError };

/** A browser hands binary data over as `ArrayBuffer`, Node as `Buffer`. @throws CoscribeError `bad-request` */
export function readBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new CoscribeError('bad-request', 'the server sent something that is not binary');
}

/** @throws CoscribeError `bad-request` */
export function readJoined(reply: unknown): Reply<Joined> {
  const fields = readRecord(reply);
  if (fields.ok === false) return { ok: false, error: readWireError(fields.error) };
  const { session, generation, head, role, saving } = fields;
  const limits = readRecord(fields.limits);
  const { maxUpdateBytes, maxDeleteRanges, maxAwarenessBytes } = limits;
  if (
    fields.ok !== true ||
    typeof session !== 'string' ||
    typeof generation !== 'string' ||
    !isCount(head) ||
    (role !== 'viewer' && role !== 'editor') ||
    !isCount(maxUpdateBytes) ||
    !isCount(maxDeleteRanges) ||
    !isCount(maxAwarenessBytes)
  ) {
    throw new CoscribeError('bad-request', 'the server answered a join with something else');
  }
  const value: Joined = {
    ok: true,
    session,
    generation,
    head,
    role,
    limits: { maxUpdateBytes, maxDeleteRanges, maxAwarenessBytes },
    saving: saving !== false,
    content: readBytes(fields.content),
    awareness: readBytes(fields.awareness),
  };
  return { ok: true, value };
}

/** @throws CoscribeError `bad-request` */
export function readCommitted(reply: unknown): Reply<Committed> {
  const fields = readRecord(reply);
  if (fields.ok === false) return { ok: false, error: readWireError(fields.error) };
  if (fields.ok !== true || !isCount(fields.seq)) {
    throw new CoscribeError('bad-request', 'the server answered an update with something else');
  }
  return { ok: true, value: { ok: true, seq: fields.seq } };
}

/** @throws CoscribeError `bad-request` */
export function readCheck(seq: unknown, hash: unknown): ContentCheck {
  if (isCount(seq) && typeof hash === 'string') return { seq, hash };
  throw new CoscribeError('bad-request', 'the server sent a check of another form');
}

function readRecord(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new CoscribeError('bad-request', 'the server answered with something that is no object');
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
