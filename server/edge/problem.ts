import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type CoscribeError, ERRORS } from '../../shared/errors.js';

/** Seconds after which a client may try again what failed for a passing reason. */
const RETRY_AFTER = '5';

type ProblemFacts = Pick<CoscribeError, 'code' | 'status' | 'message' | 'retryable'>;

/**
 * An error as `application/problem+json` (RFC 9457), with the code and whether to try again as extra members.
 *
 * @param more further members
 */
export function problemBody({ code, status, message, retryable }: ProblemFacts, more: object = {}): string {
  return JSON.stringify({
    type: `urn:coscribe:error:${code}`,
    title: ERRORS[code].sentence,
    status,
    detail: message,
    code,
    retryable,
    ...more,
  });
}

/** Headers of an answer that says that something was refused, beside its type. */
export function refusalHeaders({ status }: CoscribeError): Readonly<Record<string, string>> {
  const noStore = { 'Cache-Control': 'no-store' };
  return status === 503 || status === 429 ? { ...noStore, 'Retry-After': RETRY_AFTER } : noStore;
}

/**
 * Who is refused for his origin may read that: else his page sees no more than that something failed. It is the same for
 * everybody, and comes before anybody is asked who he is; cookies play no part in what has `*`.
 */
function readableBy({ code }: CoscribeError): Readonly<Record<string, string>> {
  return code === 'origin-refused' ? { 'Access-Control-Allow-Origin': '*' } : {};
}

/** Answers a request that gets no further. Its connection is closed: what it may still send is not read. */
export function refuseRequest(response: ServerResponse, error: CoscribeError): void {
  const body = problemBody(error);
  response
    .writeHead(error.status, {
      ...refusalHeaders(error),
      ...readableBy(error),
      'Content-Type': 'application/problem+json',
      'Content-Length': Buffer.byteLength(body),
      Connection: 'close',
    })
    .end(body);
}

/** Answers a request for a WebSocket with an error, and closes the connection. */
export function refuseUpgrade(socket: Duplex, error: CoscribeError): void {
  const body = problemBody(error);
  const headers = {
    ...refusalHeaders(error),
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  // Whoever is gone already needs no answer.
  socket.on('error', () => {});
  // Node leaves such a connection half open until the client closes it as well, which it need not do.
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\n${head.join('')}\r\n${body}`);
}
