import { CoscribeError, type WireError } from '../../shared/errors.js';
import { readWireError } from '../../shared/protocol.js';

/** How long the server may take to answer, in milliseconds. */
const ANSWER_WITHIN_MS = 10_000;

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly token?: string | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface ApiAnswer {
  /** What the JSON says; `undefined` if there is none. */
  readonly value: unknown;
  /** The server's time in milliseconds since the Unix epoch: the clock of this device may be wrong. */
  readonly now: number;
}

/** A request that the server has refused, or not answered. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(readonly wire: WireError) {
    super(wire.message);
  }
}

/** Asks the server's HTTP API. @throws ApiError with a sentence for people */
export async function askApi(path: string, request: ApiRequest = {}): Promise<ApiAnswer> {
  const response = await openApi(path, request);
  // A page that is left gets the beginning of an answer, which says nothing.
  const value = response.status === 204 ? undefined : await readJson(response);
  const date = Date.parse(response.headers.get('Date') ?? '');
  return { value, now: Number.isNaN(date) ? Date.now() : date };
}

/**
 * An answer of the server's HTTP API of which nothing has been read yet.
 *
 * @param signal ends the request, also while the answer is read; by default ten seconds after the beginning
 * @throws ApiError with a sentence for people
 */
export async function openApi(
  path: string,
  { method = 'GET', token, body }: ApiRequest = {},
  signal: AbortSignal = AbortSignal.timeout(ANSWER_WITHIN_MS),
): Promise<Response> {
  const response = await send(path, {
    method,
    cache: 'no-store',
    headers: {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal,
  });
  if (!response.ok) throw new ApiError(problem(await readJson(response).catch(() => undefined)));
  return response;
}

/** Any thrown thing as an error that can be shown. */
export function wireErrorOf(thrown: unknown): WireError {
  return thrown instanceof ApiError ? thrown.wire : new CoscribeError('internal').toWire();
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch {
    throw unreachable();
  }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw unreachable();
  }
}

function unreachable(): ApiError {
  const message = 'The server can’t be reached; try again in a moment.';
  return new ApiError({ code: 'internal', message, retryable: true });
}

/** RFC 9457 calls `detail` what our other messages call `message`. */
function problem(value: unknown): WireError {
  const { code, detail, retryable } = Object(value) as Record<string, unknown>;
  return readWireError({ code, message: detail, retryable });
}
