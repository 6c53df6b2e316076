import * as Y from 'yjs';
import { colorFor, type PresenceUser, parseColor, parseName } from './presence-user.js';

/**
 * What an awareness state says about a person. The convention is the one of the CodeMirror and ProseMirror bindings,
 * so that people who use different editors see each other:
 *
 *     { user: { name, color }, cursor: { anchor, head } | null }
 *
 * `anchor` and `head` are relative positions as JSON. A state comes from somebody else's machine: only
 * `parsePresence` turns one into a `Presence`.
 */
export interface Presence {
  readonly user: PresenceUser;
  readonly cursor: PresenceCursor | undefined;
}

/** A selection: where it began and where its moving end is. Equal for a mere caret. */
export interface PresenceCursor {
  readonly anchor: Y.RelativePosition;
  readonly head: Y.RelativePosition;
}

/**
 * Reads the awareness state of the client `clientId`. Never throws: what is missing or malformed gets a default, a
 * malformed cursor counts as none. `undefined` only if the state is no object at all.
 */
export function parsePresence(state: unknown, clientId: number): Presence | undefined {
  const fields = record(state);
  if (fields === undefined) return undefined;
  const user = record(fields.user);
  return {
    user: { name: parseName(user?.name), color: parseColor(user?.color) ?? colorFor(clientId) },
    cursor: parseCursor(fields.cursor),
  };
}

function parseCursor(raw: unknown): PresenceCursor | undefined {
  const fields = record(raw);
  const anchor = parsePosition(fields?.anchor);
  const head = parsePosition(fields?.head);
  return anchor === undefined || head === undefined ? undefined : { anchor, head };
}

function parsePosition(raw: unknown): Y.RelativePosition | undefined {
  const fields = record(raw);
  if (fields === undefined) return undefined;
  const type = parseId(fields.type);
  const item = parseId(fields.item);
  const tname = fields.tname ?? null;
  const assoc = fields.assoc ?? 0;
  if (type === undefined || item === undefined) return undefined;
  if (tname !== null && typeof tname !== 'string') return undefined;
  if (type === null && item === null && tname === null) return undefined;
  if (assoc !== 0 && assoc !== -1) return undefined;
  return new Y.RelativePosition(type, tname, item, assoc);
}

function parseId(raw: unknown): Y.ID | null | undefined {
  if (raw === undefined || raw === null) return null;
  const fields = record(raw);
  const { client, clock } = fields ?? {};
  return isCount(client) && isCount(clock) ? Y.createID(client, clock) : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function record(value: unknown): Record<string, unknown> | undefined {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Record<string, unknown>) : undefined;
}
