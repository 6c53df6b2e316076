import type { IncomingMessage } from 'node:http';
import { CoscribeError } from '../../shared/errors.js';
import type { BodyHold } from './body-room.js';
import { refuseInexact } from './json-numbers.js';

/** What a body may be. */
export interface BodyForm {
  /** Media types, in lower case and without parameters. */
  readonly types: readonly string[];
  /** A request that does not say what its body is may be taken at that. */
  readonly mayBeUnsaid?: boolean;
  readonly maxBytes: number;
  /** Where it is kept meanwhile; of small ones nobody keeps account. */
  readonly hold?: BodyHold;
}

const UTF8_NAMES: readonly (string | undefined)[] = [undefined, 'utf-8', 'utf8'];

/**
 * Reads the body of a request.
 *
 * @throws CoscribeError `unsupported-media-type`, and `body-too-large` as soon as that shows: nothing is kept beyond the limit;
 *   `bad-request` if it is cut off; `server-busy` if there is no room for it
 */
export async function readBytes(request: IncomingMessage, form: BodyForm): Promise<Buffer> {
  demandType(request, form);
  return readBody(request, form);
}

/** A text in UTF-8; a byte order mark at its beginning is no part of it. @throws CoscribeError `bad-request` */
export function parseText(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new CoscribeError('bad-request', 'the body is no text in UTF-8');
  }
}

/** @throws CoscribeError `bad-request`, also for numbers that would be read as others */
export function parseJson(body: Uint8Array): unknown {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    value = JSON.parse(text);
  } catch {
    // Its message would quote the body.
    throw new CoscribeError('bad-request', 'the body is no JSON in UTF-8');
  }
  refuseInexact(text);
  return value;
}

/** @throws CoscribeError `unsupported-media-type` for another type, another character set, or a compressed body */
export function demandType(
  { headers }: IncomingMessage,
  { types, mayBeUnsaid = false }: Pick<BodyForm, 'types' | 'mayBeUnsaid'>,
): void {
  const said = headers['content-type'];
  const [type = '', ...parameters] = (said ?? '').toLowerCase().split(';');
  if (!types.includes(type.trim()) && !(mayBeUnsaid && said === undefined))
    throw unsupported(`the "Content-Type" of the body must be ${types.join(' or ')}`);
  const charset = parameters.map((one) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(one)?.[1]).find(Boolean);
  if (!UTF8_NAMES.includes(charset)) throw unsupported('a text must be in UTF-8');
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') throw unsupported('the body must not be compressed');
}

/** @throws CoscribeError `body-too-large`, `bad-request`, `server-busy`; `internal` if something else has read it */
export async function readBody(
  request: IncomingMessage,
  { maxBytes, hold }: Pick<BodyForm, 'maxBytes' | 'hold'>,
): Promise<Buffer> {
  // A body parser of the application was here before; what it left out can't be known.
  if (request.readableEnded && Number(request.headers['content-length'] ?? 0) > 0)
    throw new CoscribeError(
      'internal',
      'something has read the body before; the middleware of Coscribe belongs before it',
    );
  if (Number(request.headers['content-length']) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // The connection is needed for the answer: what is not read here, Hono's listener passes over.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      hold?.add(chunk.length);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof CoscribeError) throw cause;
    throw new CoscribeError('bad-request', 'the body has no end', { cause });
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): CoscribeError {
  return new CoscribeError('body-too-large', `at most ${maxBytes} bytes`);
}

function unsupported(detail: string): CoscribeError {
  return new CoscribeError('unsupported-media-type', detail);
}
