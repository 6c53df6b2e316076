import { CoscribeError, type WireError } from '../shared/errors.js';
import { parseName } from '../shared/presence-user.js';
import {
  type Committed,
  type ContentCheck,
  type Joined,
  type JoinedUser,
  type Renewed,
  ROLES,
  type Role,
  readWireError,
} from '../shared/protocol.js';

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
    !isRole(role) ||
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
    user: readUser(fields.user),
    limits: { maxUpdateBytes, maxDeleteRanges, maxAwarenessBytes },
    saving: saving !== false,
    content: readBytes(fields.content),
    awareness: readBytes(fields.awareness),
  };
  return { ok: true, value };
}

/** The answer to a join that went well; one that did not, or makes no sense, is none. */
export function joinedOf(raw: unknown): Joined | undefined {
  try {
    const reply = readJoined(raw);
    return reply.ok ? reply.value : undefined;
  } catch {
    return undefined;
  }
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
export function readRenewed(reply: unknown): Reply<Renewed> {
  const fields = readRecord(reply);
  if (fields.ok === false) return { ok: false, error: readWireError(fields.error) };
  if (fields.ok !== true) {
    throw new CoscribeError('bad-request', 'the server answered a token with something else');
  }
  return { ok: true, value: { ok: true, role: readRole(fields.role) } };
}

/** @throws CoscribeError `bad-request` */
export function readRole(role: unknown): Role {
  if (isRole(role)) return role;
  throw new CoscribeError('bad-request', 'the server sent something that is no role');
}

/** @throws CoscribeError `bad-request` */
export function readCheck(seq: unknown, hash: unknown): ContentCheck {
  if (isCount(seq) && typeof hash === 'string') return { seq, hash };
  throw new CoscribeError('bad-request', 'the server sent something that is no check');
}

/** What makes no sense is left to the client itself. */
function readUser(value: unknown): JoinedUser {
  if (typeof value !== 'object' || value === null) return {};
  const { name, color } = value as Record<string, unknown>;
  return {
    ...(typeof name === 'string' && { name: parseName(name) }),
    ...(typeof color === 'string' && /^#[0-9a-f]{6}$/i.test(color) && { color }),
  };
}

function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value);
}

function readRecord(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new CoscribeError('bad-request', 'the server sent something that is no object');
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
