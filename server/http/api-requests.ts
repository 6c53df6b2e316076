import { CoscribeError } from '../../shared/errors.js';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import { ROLES, type Role } from '../../shared/protocol.js';
import type { WantedLink } from '../documents/link-management.js';
import type { WantedDocument } from '../documents/making.js';
import type { TokensOf } from '../documents/management.js';
import { type Fields, quoted } from './json-body.js';

export const CREATE_FIELDS = ['id', 'text'] as const;
export const PLACE_FIELDS = ['to'] as const;
export const LINK_FIELDS = ['role', 'label', 'expiresAt', 'expiresIn'] as const;
export const REVOCATION_FIELDS = ['user', 'tokenId'] as const;

const MAX_SUBJECT_LENGTH = 128;
const UNFIT_FOR_SUBJECT = /[\p{Cc}\p{Cs}]/u;
/** Half of a surrogate pair: UTF-8 has no form for it. */
const HALF_CHARACTER = /\p{Surrogate}/u;
const MAX_LABEL_LENGTH = 100;
/** Line ends, other control characters, half characters, and what turns the direction of the text around it. */
const UNFIT_FOR_LABEL = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u;
/** The last moment that ISO 8601 writes with a year of four digits. */
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const MAX_SECONDS = 1_000_000_000;
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** @throws CoscribeError `invalid-document-id`, `bad-request` */
export function parseCreation({ id, text = '' }: Fields): WantedDocument {
  if (typeof text !== 'string' || HALF_CHARACTER.test(text))
    throw malformed('"text" must be a string of whole characters');
  return id === undefined ? { text } : { text, id: parseDocumentId(id) };
}

/** The name that a document, or its copy, is to have. @throws CoscribeError `invalid-document-id`, `bad-request` */
export function parsePlace({ to }: Fields): DocumentId {
  if (to === undefined) throw malformed('"to" must be the new name');
  return parseDocumentId(to);
}

/**
 * @param now milliseconds since the Unix epoch
 * @throws CoscribeError `bad-request`
 */
export function parseWantedLink(fields: Fields, now: number): WantedLink {
  const { role, label = '' } = fields;
  if (!ROLES.includes(role as Role)) throw malformed(`"role" must be one of ${ROLES.join(', ')}`);
  const expiresAt = parseEnd(fields, now);
  if (expiresAt !== undefined && !(expiresAt > now && expiresAt <= LATEST))
    throw malformed('a link must expire in the future, and before the year 10000');
  return { role: role as Role, label: parseLabel(label), ...(expiresAt !== undefined && { expiresAt }) };
}

/** @throws CoscribeError `bad-request` */
export function parseRevocation({ user, tokenId }: Fields): TokensOf {
  if ((user === undefined) === (tokenId === undefined))
    throw malformed('there must be either "user" or "tokenId"');
  return user === undefined ? { tokenId: subject('tokenId', tokenId) } : { user: subject('user', user) };
}

function parseEnd({ expiresAt, expiresIn }: Fields, now: number): number | undefined {
  if (expiresAt !== undefined && expiresIn !== undefined)
    throw malformed('there must not be both "expiresAt" and "expiresIn"');
  if (expiresAt !== undefined) {
    const at = typeof expiresAt === 'string' && ISO_TIME.test(expiresAt) ? Date.parse(expiresAt) : Number.NaN;
    if (Number.isNaN(at)) throw malformed('"expiresAt" must be a time such as "2026-12-31T12:00:00Z"');
    return at;
  }
  if (expiresIn === undefined) return undefined;
  const seconds = typeof expiresIn === 'number' && Number.isInteger(expiresIn) ? expiresIn : 0;
  if (seconds < 1 || seconds > MAX_SECONDS)
    throw malformed(`"expiresIn" must be a whole number of seconds from 1 to ${MAX_SECONDS}`);
  return now + seconds * 1000;
}

/** One line that shows what it says. */
function parseLabel(label: unknown): string {
  if (typeof label !== 'string' || label.length > MAX_LABEL_LENGTH || UNFIT_FOR_LABEL.test(label))
    throw malformed(`"label" must be one line of at most ${MAX_LABEL_LENGTH} characters`);
  return label.trim();
}

function subject(field: string, value: unknown): string {
  const fits =
    typeof value === 'string' &&
    value !== '' &&
    value.length <= MAX_SUBJECT_LENGTH &&
    !UNFIT_FOR_SUBJECT.test(value);
  if (!fits)
    throw malformed(
      `"${field}" must be a string of 1 to ${MAX_SUBJECT_LENGTH} characters without control characters`,
    );
  return value;
}

function malformed(detail: string): CoscribeError {
  return new CoscribeError('bad-request', detail);
}

/** The name of a link in an address. @throws CoscribeError `not-found` for what can be none */
export function parseLinkName(raw: string | undefined): string {
  if (raw === undefined || !/^[\w-]{1,64}$/.test(raw))
    throw new CoscribeError('not-found', quoted(raw ?? ''));
  return raw;
}
