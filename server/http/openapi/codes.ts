import type { ErrorCode } from '../../../shared/errors.js';

/** What every request that is not for all may be refused with. */
export const COMMON_CODES: readonly ErrorCode[] = [
  'bad-request',
  'unauthenticated',
  'token-expired',
  'origin-refused',
  'too-many-requests',
  'keys-unavailable',
  'store-unavailable',
  'internal',
];

/** What an address of a document may be refused with besides. */
export const DOCUMENT_CODES: readonly ErrorCode[] = ['invalid-document-id', 'no-access'];

/** What a request with a body may be refused with. */
export const BODY_CODES: readonly ErrorCode[] = ['body-too-large', 'unsupported-media-type'];

/** What may be answered to a request with an `Idempotency-Key`. */
export const KEY_CODES: readonly ErrorCode[] = ['idempotency-key-reused', 'request-under-way'];

/** What may be in the way of making a document of a given name. */
export const CREATE_CODES: readonly ErrorCode[] = [
  ...DOCUMENT_CODES,
  ...BODY_CODES,
  ...KEY_CODES,
  'not-allowed',
  'document-exists',
  'server-busy',
  'shutting-down',
];

/** What may be in the way of looking into a document. */
export const READ_CODES: readonly ErrorCode[] = [
  ...DOCUMENT_CODES,
  'document-deleted',
  'document-moved',
  'document-unreadable',
  'document-reloading',
  'document-not-ready',
  'server-busy',
  'shutting-down',
];

/** What may be in the way of changing a document. */
export const WRITE_CODES: readonly ErrorCode[] = [
  ...READ_CODES,
  ...BODY_CODES,
  ...KEY_CODES,
  'read-only',
  'precondition-failed',
  'generation-changed',
  'update-too-large',
  'document-too-large',
  'document-busy',
  'too-many-updates',
  'missing-dependencies',
  'client-id-in-use',
];
