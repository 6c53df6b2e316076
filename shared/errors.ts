/**
 * The one table of everything that can be refused or fail, as users, integrators and clients in other
 * languages meet it. A code never changes its meaning; the sentence may be reworded.
 */
interface ErrorRow {
  /** HTTP status with which the same refusal is answered over HTTP. */
  readonly status: number;
  /** Whether trying the same thing again later, unchanged, can succeed. */
  readonly retryable: boolean;
  /** What happened and what to do about it. */
  readonly sentence: string;
}

export const ERRORS = {
  'invalid-document-id': {
    status: 400,
    retryable: false,
    sentence:
      'A document is named "{workspace}/{name}" or "{name}"; each part has 1 to 64 characters out of A-Z a-z 0-9 . _ - and does not start with a dot.',
  },
  'bad-request': {
    status: 400,
    retryable: false,
    sentence: 'The message has not the form that the protocol gives it; see docs/PROTOCOL.md.',
  },
  'protocol-mismatch': {
    status: 400,
    retryable: false,
    sentence:
      'Client and server speak different versions of the protocol; reload the page or update the client.',
  },
  'not-joined': {
    status: 409,
    retryable: false,
    sentence: 'This connection has not joined the document; send "join" first.',
  },
  unauthenticated: {
    status: 401,
    retryable: false,
    sentence: 'A token is needed here, and there is none, or it is not valid; sign in and connect again.',
  },
  'token-expired': {
    status: 401,
    retryable: false,
    sentence: 'The token has expired; get a new one and connect again.',
  },
  'no-access': {
    status: 404,
    retryable: false,
    sentence: 'There is no such document, or you may not open it; ask its owner for a link.',
  },
  'not-allowed': {
    status: 403,
    retryable: false,
    sentence:
      'Your role does not allow that; an owner of the document, or an operator of the server, may do it.',
  },
  'document-deleted': {
    status: 410,
    retryable: false,
    sentence: 'The document was deleted; for a while its owner can restore it.',
  },
  'document-exists': {
    status: 409,
    retryable: false,
    sentence: 'There is a document of that name already, or there was one lately; choose another name.',
  },
  'sharing-off': {
    status: 409,
    retryable: false,
    sentence:
      'This server lets everybody in, so a link could not keep anybody out; start it with --auth links or --auth jwt.',
  },
  'too-many-links': {
    status: 409,
    retryable: false,
    sentence: 'The document has as many links as it may have; revoke some first.',
  },
  'origin-refused': {
    status: 403,
    retryable: false,
    sentence:
      'Pages of this origin may not use this server; its operator can allow them with COSCRIBE_ALLOWED_ORIGINS.',
  },
  'read-only': {
    status: 403,
    retryable: false,
    sentence: 'This session may read the document but not change it.',
  },
  'invalid-update': {
    status: 400,
    retryable: false,
    sentence: 'The bytes are no well-formed Yjs update (version 1).',
  },
  'update-refused': {
    status: 422,
    retryable: false,
    sentence: 'The update is well-formed but does something that no honest editor does.',
  },
  'update-too-large': {
    status: 413,
    retryable: false,
    sentence: 'The update is larger than one update may be; split it.',
  },
  'document-too-large': {
    status: 413,
    retryable: false,
    sentence: 'The document has reached its largest size; delete something or start a new document.',
  },
  'document-busy': {
    status: 503,
    retryable: true,
    sentence: 'The document has grown faster than its log could be merged; try again in a moment.',
  },
  'document-reloading': {
    status: 503,
    retryable: true,
    sentence: 'The server has to load the document again; join again in a moment.',
  },
  'missing-dependencies': {
    status: 409,
    retryable: true,
    sentence:
      'The update builds on edits that the server does not have; join again and send what the server lacks.',
  },
  'client-id-in-use': {
    status: 409,
    retryable: false,
    sentence:
      'This Yjs clientID belongs to somebody else in this document; take a new one (doc.clientID) and join again.',
  },
  'generation-changed': {
    status: 409,
    retryable: false,
    sentence:
      'The document was reset or restored since this copy was made; the copy must not be merged into it.',
  },
  'copy-diverged': {
    status: 409,
    retryable: false,
    sentence: 'This copy shows something else than the document; load the document again.',
  },
  'awareness-refused': {
    status: 422,
    retryable: false,
    sentence: "An awareness state must be a small JSON object for the session's own clientID.",
  },
  'session-replaced': {
    status: 409,
    retryable: false,
    sentence: "The same client joined again over another connection, which takes this one's place.",
  },
  'too-slow': {
    status: 503,
    retryable: true,
    sentence:
      'The connection takes messages more slowly than the document produces them; join again to catch up.',
  },
  'too-many-updates': {
    status: 429,
    retryable: true,
    sentence: 'Too much was sent at once; wait for the answers before sending more.',
  },
  'too-many-documents': {
    status: 429,
    retryable: false,
    sentence:
      'This connection has as many documents open as one connection may; close some or open another connection.',
  },
  'too-many-connections': {
    status: 429,
    retryable: true,
    sentence: 'This user or this address has as many connections open as it may have; close some.',
  },
  'too-many-joins': {
    status: 429,
    retryable: true,
    sentence: 'Documents were opened too often in too short a time; wait a moment.',
  },
  'too-many-requests': {
    status: 429,
    retryable: true,
    sentence: 'Too many requests came from this address; wait a moment.',
  },
  'document-full': {
    status: 503,
    retryable: true,
    sentence: 'As many people are in this document as may be; try again later.',
  },
  'server-busy': {
    status: 503,
    retryable: true,
    sentence: 'The server has more to do than it can at the moment; try again in a few seconds.',
  },
  'body-too-large': {
    status: 413,
    retryable: false,
    sentence: 'The body of the request is larger than it may be.',
  },
  'keys-unavailable': {
    status: 503,
    retryable: true,
    sentence:
      'The server cannot get the keys that tokens are checked with at the moment; try again in a few seconds.',
  },
  'store-unavailable': {
    status: 503,
    retryable: true,
    sentence:
      'The server cannot save at the moment; nothing is lost as long as the client keeps its edits and tries again.',
  },
  'document-unreadable': {
    status: 500,
    retryable: false,
    sentence: 'The stored document is damaged; an operator has to restore it before anybody can work on it.',
  },
  'shutting-down': {
    status: 503,
    retryable: true,
    sentence: 'The server is about to stop; reconnect in a few seconds.',
  },
  'not-found': {
    status: 404,
    retryable: false,
    sentence: 'There is nothing at this address.',
  },
  'method-not-allowed': {
    status: 405,
    retryable: false,
    sentence: 'This address does not take that HTTP method.',
  },
  internal: {
    status: 500,
    retryable: true,
    sentence: 'The server made a mistake; it is in its log.',
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** An error as it travels: in a Socket.IO answer, in `connect_error.data`, in an HTTP body. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
}

/** An error of the table. `detail` says what was wrong this time; it must hold nothing secret. */
export class CoscribeError extends Error {
  override readonly name = 'CoscribeError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, detail?: string, options?: { cause?: unknown }) {
    super(detail === undefined ? ERRORS[code].sentence : `${ERRORS[code].sentence} (${detail})`, options);
    this.code = code;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  toWire(): WireError {
    return { code: this.code, message: this.message, retryable: this.retryable };
  }
}

/** Any thrown thing as an error of the table; what is not one becomes `internal` and keeps its cause. */
export function toCoscribeError(thrown: unknown): CoscribeError {
  return thrown instanceof CoscribeError
    ? thrown
    : new CoscribeError('internal', undefined, { cause: thrown });
}

/** Whether a value received from outside is a `WireError` of a code that this version knows. */
export function isWireError(value: unknown): value is WireError {
  if (typeof value !== 'object' || value === null) return false;
  const { code, message } = value as Record<string, unknown>;
  return typeof code === 'string' && Object.hasOwn(ERRORS, code) && typeof message === 'string';
}
