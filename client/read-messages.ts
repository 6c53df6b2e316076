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

type Fields = Readonly<Record<string, unknown>>;

/** A browser hands binary data over as `ArrayBuffer`, Node as `Buffer`. @throws CoscribeError `bad-request` */
export function readBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw senseless('bytes');
}

/** @throws CoscribeError `bad-request` */
export function readJoined(raw: unknown): Reply<Joined> {
  return readReply(raw, ({ session, generation, head, role, saving, user, limits, content, awareness }) => {
    const { maxUpdateBytes, maxDeleteRanges, maxAwarenessBytes } = fieldsOf(limits);
    return {
      ok: true,
      session: readText(session),
      generation: readText(generation),
      head: readCount(head),
      role: readRole(role),
      user: readUser(user),
      limits: {
        maxUpdateBytes: readCount(maxUpdateBytes),
        maxDeleteRanges: readCount(maxDeleteRanges),
        maxAwarenessBytes: readCount(maxAwarenessBytes),
      },
      saving: saving !== false,
      content: readBytes(content),
      awareness: readBytes(awareness),
    };
  });
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
export function readCommitted(raw: unknown): Reply<Committed> {
  return readReply(raw, ({ seq }) => ({ ok: true, seq: readCount(seq) }));
}

/** @throws CoscribeError `bad-request` */
export function readRenewed(raw: unknown): Reply<Renewed> {
  return readReply(raw, ({ role }) => ({ ok: true, role: readRole(role) }));
}

/** @throws CoscribeError `bad-request` */
export function readRole(role: unknown): Role {
  for (const known of ROLES) if (known === role) return known;
  throw senseless('role');
}

/** @throws CoscribeError `bad-request` */
export function readCheck(seq: unknown, hash: unknown): ContentCheck {
  return { seq: readCount(seq), hash: readText(hash) };
}

/** What makes no sense is left to the client itself. */
function readUser(value: unknown): JoinedUser {
  const { name, color } = fieldsOf(value);
  return {
    ...(typeof name === 'string' && { name: parseName(name) }),
    ...(typeof color === 'string' && /^#[0-9a-f]{6}$/i.test(color) && { color }),
  };
}

function readReply<T>(raw: unknown, read: (fields: Fields) => T): Reply<T> {
  const fields = fieldsOf(raw);
  if (fields.ok === false) return { ok: false, error: readWireError(fields.error) };
  if (fields.ok === true) return { ok: true, value: read(fields) };
  throw senseless('answer');
}

function senseless(what: string): CoscribeError {
  return new CoscribeError('bad-request', `the server sent something that is no ${what}`);
}

/** Of what is no object: none. */
function fieldsOf(value: unknown): Fields {
  return Object(value) as Fields;
}

function readCount(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw senseless('count');
}

function readText(value: unknown): string {
  if (typeof value === 'string') return value;
  throw senseless('text');
}
