import { ERRORS, type ErrorCode, type WireError } from '../shared/errors.js';

/** What a connection that came to nothing tells about whoever answered. */
export type StrangeAnswer =
  /** Nothing. It may be the network. */
  | undefined
  /** A Coscribe server that takes nobody from here, or nobody now. */
  | WireError
  /** Something else answered: this. */
  | string;

/**
 * Reads an error of Socket.IO that is no answer of a document: of socket.io-client 4.8 (`Socket.onpacket`) and
 * engine.io-client 6.6 (`TransportError`).
 */
export function readStrangeAnswer(error: unknown): StrangeAnswer {
  if (!(error instanceof Error)) return undefined;
  // Only what a Socket.IO server says has this property. Ours always gives it a value.
  if ('data' in error) return `it speaks Socket.IO, and says "${error.message.slice(0, 100)}"`;
  if ('code' in error && error.code === 'parser error') return 'it does not speak Socket.IO';
  const { description: status, context } = error as { description?: unknown; context?: unknown };
  if (typeof status !== 'number') return undefined;
  const body = bodyOf(context);
  const { code } = body;
  if (typeof code === 'string' && Object.hasOwn(ERRORS, code)) {
    const known = code as ErrorCode;
    const message = typeof body.detail === 'string' ? body.detail : ERRORS[known].sentence;
    // Its operator may change that.
    return { code: known, message, retryable: true };
  }
  // A number is engine.io's own: it does not know the connection, because it was started anew perhaps. Without a status,
  // or with that of a proxy whose server is away, nobody can tell.
  return typeof code === 'number' || status < 200 || status >= 500 ? undefined : `it answers HTTP ${status}`;
}

function bodyOf(request: unknown): Record<string, unknown> {
  try {
    return Object(JSON.parse((request as XMLHttpRequest).responseText)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
