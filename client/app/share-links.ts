import { ROLES, type Role } from '../../shared/protocol.js';
import { cleanName } from './identity.js';
import { relativeTime } from './relative-time.js';

/** A link as an owner sees it in the list: its token is not in it. */
export interface ListedLink {
  readonly id: string;
  readonly role: Role;
  /** What an owner called it, as it may be shown; may be empty. */
  readonly label: string;
  /** When it ends, in milliseconds since the Unix epoch; `undefined` if it does not. */
  readonly expiresAt: number | undefined;
  readonly createdAt: number;
  /** It is the one that this page came with. */
  readonly isOwn: boolean;
}

export interface NewLink {
  readonly role: Role;
  readonly label: string;
  /** From now on; `undefined` for a link that ends only when it is revoked. */
  readonly expiresInMs: number | undefined;
}

/** What a link lets people do, in words that follow "whoever has it". */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  viewer: 'can read',
  editor: 'can write',
  owner: 'is an owner',
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long a link may last: the value of its choice in the form, and the time in milliseconds. */
export const EXPIRIES: Readonly<Record<string, number | undefined>> = {
  never: undefined,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
};

const FORMAT = new Intl.RelativeTimeFormat('en');

/** "ends in 6 days"; both times in milliseconds since the Unix epoch. */
export function expiryText(expiresAt: number, now: number): string {
  const left = expiresAt - now;
  if (left <= 0) return 'has ended';
  const [unit, size] = (
    [
      ['day', DAY_MS],
      ['hour', HOUR_MS],
      ['minute', MINUTE_MS],
    ] as const
  ).find(([, ms]) => left >= ms) ?? ['minute', MINUTE_MS];
  return `ends ${FORMAT.format(Math.max(1, Math.round(left / size)), unit)}`;
}

/** "can write · ends in 6 days · made just now"; `now` in milliseconds since the Unix epoch. */
export function linkFacts({ role, expiresAt, createdAt }: ListedLink, now: number): string {
  const ends = expiresAt === undefined ? [] : [expiryText(expiresAt, now)];
  return [ROLE_WORDS[role], ...ends, `made ${relativeTime(createdAt, now)}`].join(' · ');
}

/** The answer of `GET …/links`. */
export function readLinks(answer: unknown): readonly ListedLink[] {
  const { links } = Object(answer) as { links?: unknown };
  return Array.isArray(links) ? links.map(readLink) : [];
}

/** A link as the API shows it. */
export function readLink(raw: unknown): ListedLink {
  const { id, role, label, expiresAt, createdAt, current } = Object(raw) as Record<string, unknown>;
  const ends = Date.parse(String(expiresAt));
  return {
    id: String(id),
    role: ROLES.find((name) => name === role) ?? 'viewer',
    label: cleanName(typeof label === 'string' ? label : '') ?? '',
    expiresAt: Number.isNaN(ends) ? undefined : ends,
    createdAt: Date.parse(String(createdAt)),
    isOwn: current === true,
  };
}
