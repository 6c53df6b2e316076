/**
 * The one table of everything that can be refused or fail, as users, integrators and clients in other
 * languages meet it. A code never changes its meaning; the sentence may be reworded.
 */
export interface ErrorRow {
  /** HTTP status with which the same refusal is answered over HTTP. */
  readonly status: number;
  /** Whether trying the same thing again later, unchanged, can succeed. */
  readonly retryable: boolean;
  /** What happened and what to do about it. */
  readonly sentence: string;
}

/** Trying the same again helps nobody. */
function lasting(status: number, sentence: string): ErrorRow {
  return { status, retryable: false, sentence };
}

/** Trying the same again later can succeed. */
function passing(status: number, sentence: string): ErrorRow {
  return { status, retryable: true, sentence };
}

/** Everything that can be refused or fail, by its code. */
export const ERRORS = {
  'invalid-document-id': lasting(
    400,
    'A document is named "{workspace}/{name}" or "{name}"; each part has 1 to 64 characters out of A-Z a-z 0-9 . _ - and begins with no dot.',
  ),
  'bad-request': lasting(
    400,
    'The message has not the form that the protocol gives it; see docs/PROTOCOL.md.',
  ),
  'protocol-mismatch': lasting(
    400,
    'Client and server speak different versions of the protocol; the older one has to be updated.',
  ),
  'not-coscribe': passing(
    502,
    'What answers at this address is no Coscribe server; check address and path, and what lies in between.',
  ),
  'not-joined': lasting(409, 'This connection has not joined the document; send "join" first.'),
  unauthenticated: lasting(401, 'A valid token is needed here; sign in and connect again.'),
  'token-expired': lasting(401, 'The token has expired; get a new one and connect again.'),
  'no-access': lasting(404, 'There is no such document, or you may not open it; ask its owner for a link.'),
  'not-allowed': lasting(
    403,
    'Your role does not allow that; an owner, or an operator of the server, may do it.',
  ),
  'document-deleted': lasting(410, 'The document was deleted; for a while its owner can restore it.'),
  'document-exists': lasting(409, 'There is, or was lately, a document of that name; choose another one.'),
  'sharing-off': lasting(
    409,
    'This server lets everybody in, so links keep nobody out; start it with --auth links or --auth jwt.',
  ),
  'too-many-links': lasting(409, 'The document has as many links as it may have; revoke some first.'),
  'origin-refused': lasting(
    403,
    'Pages of this origin may not use this server; COSCRIBE_ALLOWED_ORIGINS can allow them.',
  ),
  'read-only': lasting(403, 'This session may read the document but not change it.'),
  'invalid-update': lasting(400, 'The bytes are no well-formed Yjs update (version 1).'),
  'update-refused': lasting(422, 'The update is well-formed but does something that no honest editor does.'),
  'update-too-large': lasting(413, 'The update is larger than one update may be; split it.'),
  'document-too-large': lasting(
    413,
    'The document has reached its largest size; delete something or start a new document.',
  ),
  'document-busy': passing(503, 'The document grows faster than its log is merged; try again in a moment.'),
  'document-reloading': passing(503, 'The server has to load the document again; join again in a moment.'),
  'document-not-ready': passing(
    503,
    'The application could not prepare the document; try again in a moment.',
  ),
  'missing-dependencies': passing(
    409,
    'The update builds on edits that the server lacks; join again and send them.',
  ),
  'client-id-in-use': lasting(
    409,
    "This Yjs clientID is somebody else's here; take a new one (doc.clientID) and join again.",
  ),
  'generation-changed': lasting(
    409,
    'The document was reset or restored since this copy was made; the two must not be merged.',
  ),
  'copy-diverged': lasting(409, 'This copy shows something else than the document; load it again.'),
  'awareness-refused': lasting(
    422,
    "An awareness state must be a small JSON object for the session's own clientID.",
  ),
  'session-replaced': lasting(409, 'The same client joined again over another connection.'),
  'too-slow': passing(503, 'Messages come faster than this connection takes them; join again to catch up.'),
  'too-many-updates': passing(429, 'Too much was sent at once; wait for the answers before sending more.'),
  'too-many-documents': lasting(
    429,
    'Too many documents are open over this connection; close some, or open another.',
  ),
  'too-many-connections': passing(
    429,
    'This user or this address has as many connections open as it may have; close some.',
  ),
  'too-many-joins': passing(429, 'Documents were opened too often in too short a time; wait a moment.'),
  'too-many-requests': passing(429, 'Too many requests came from this address; wait a moment.'),
  'document-full': passing(503, 'Too many people are in the document; try again later.'),
  'server-busy': passing(503, 'The server has too much to do; try again in a few seconds.'),
  'precondition-failed': lasting(412, 'The document is not as demanded; read it again.'),
  'patch-failed': lasting(422, 'The operations do not fit the document; nothing was changed.'),
  'wrong-type': lasting(409, 'That root is of another type; name another root or form.'),
  'document-moved': lasting(410, 'The document has another name now.'),
  'idempotency-key-reused': lasting(422, 'Another request had this Idempotency-Key; take a new one.'),
  'request-under-way': passing(409, 'The same request is under way; ask again in a moment.'),
  'body-too-large': lasting(413, 'The body is larger than it may be.'),
  'unsupported-media-type': lasting(415, 'This address does not take a body of that type, or compressed.'),
  'keys-unavailable': passing(
    503,
    'The server cannot get the keys of tokens at the moment; try again in a few seconds.',
  ),
  'store-unavailable': passing(503, 'The server cannot save at the moment; keep the edits and try again.'),
  'document-unreadable': lasting(500, 'The stored document is damaged; an operator has to restore it.'),
  'shutting-down': passing(503, 'The server is about to stop; reconnect in a few seconds.'),
  'not-found': lasting(404, 'There is nothing at this address.'),
  'method-not-allowed': lasting(405, 'This address does not take that HTTP method.'),
  internal: passing(500, 'The server made a mistake; it is in its log.'),
} satisfies Record<string, ErrorRow>;

/** Names an error for good. */
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
  const { code, message } = Object(value) as Record<string, unknown>;
  return typeof code === 'string' && Object.hasOwn(ERRORS, code) && typeof message === 'string';
}
