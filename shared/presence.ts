import * as Y from 'yjs';
import { replaceLoneSurrogates } from './text-diff.js';

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

export interface PresenceUser {
  /** 1 to 64 characters of one line, without control and direction characters. */
  readonly name: string;
  /** `#rrggbb`. */
  readonly color: string;
}

/** A selection: where it began and where its moving end is. Equal for a mere caret. */
export interface PresenceCursor {
  readonly anchor: Y.RelativePosition;
  readonly head: Y.RelativePosition;
}

/** The name of somebody who gives none. */
export const DEFAULT_NAME = 'Guest';

/** Longest name, in code points. */
export const MAX_NAME_LENGTH = 64;

/**
 * Colours of people. Each has a contrast of at least 4.5 : 1 with white (so that a name is readable on it, and a
 * caret visible on a light page) and of at least 3 : 1 with #121212.
 */
export const PRESENCE_COLORS: readonly string[] = [
  '#dd2d2d',
  '#1c7bab',
  '#168629',
  '#a046e1',
  '#ba571e',
  '#158181',
  '#d52394',
  '#3d6edf',
  '#637d14',
  '#755ee5',
  '#9a6b19',
  '#c720c7',
];

/** The colour of a client that chose none: always the same one for a clientID. */
export function colorFor(clientId: number): string {
  // clientIDs are random, but need not be: the multiplication spreads neighbouring ones.
  const spread = Math.imul(clientId | 0, 0x9e3779b1) >>> 0;
  return PRESENCE_COLORS[spread % PRESENCE_COLORS.length] ?? '#3d6edf';
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

/** A name as it may be shown: one line, trimmed, at most 64 characters; `DEFAULT_NAME` if nothing is left. */
export function parseName(raw: unknown): string {
  if (typeof raw !== 'string') return DEFAULT_NAME;
  // The rest of a very long name is not even looked at.
  const visible = replaceLoneSurrogates(raw.slice(0, 16 * MAX_NAME_LENGTH))
    .replace(/[\s\u2028\u2029]+/g, ' ')
    .replace(INVISIBLE, '')
    .trim();
  const name = Array.from(visible).slice(0, MAX_NAME_LENGTH).join('').trim();
  return name === '' ? DEFAULT_NAME : name;
}

/** Control characters, and those that change the direction of the text around them or take no room at all. */
const INVISIBLE =
  /[\p{Cc}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** `#rrggbb` in lower case, or `undefined`. */
export function parseColor(raw: unknown): string | undefined {
  return typeof raw === 'string' && /^#[0-9a-f]{6}$/i.test(raw) ? raw.toLowerCase() : undefined;
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
