import { replaceLoneSurrogates } from './text-diff.js';

/** How a person is shown. */
export interface PresenceUser {
  /** 1 to 64 characters of one line, without control and direction characters. */
  readonly name: string;
  /** `#rrggbb`. */
  readonly color: string;
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
