import type { IncomingMessage } from 'node:http';
import { CoscribeError } from '../../shared/errors.js';

/** An object of a request, of which only the names of its fields are known. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the body of a request as a JSON object; no body at all counts as one without fields.
 *
 * @param known fields that it may have
 * @throws CoscribeError `body-too-large`, as soon as that shows; `bad-request`
 */
export async function readFields(
  request: IncomingMessage,
  maxBytes: number,
  known: readonly string[],
): Promise<Fields> {
  const body = await readBody(request, maxBytes);
  if (body.length === 0) return {};
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new CoscribeError('bad-request', 'the "Content-Type" of the body must be application/json');
  const value = parse(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CoscribeError('bad-request', 'the body must be a JSON object');
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const named = known.map((name) => `"${name}"`).join(', ');
    throw new CoscribeError('bad-request', `${quoted(unknown)} is no field of this request; it has ${named}`);
  }
  return value as Fields;
}

/** The beginning of what somebody sent, for a sentence about it. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length']) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // The connection is needed for the answer: what is not read here, Hono's listener passes over.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof CoscribeError) throw cause;
    throw new CoscribeError('bad-request', 'the body has no end', { cause });
  }
  return Buffer.concat(chunks);
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // Its message would quote the body.
    throw new CoscribeError('bad-request', 'the body is no JSON in UTF-8');
  }
}

function tooLarge(maxBytes: number): CoscribeError {
  return new CoscribeError('body-too-large', `at most ${maxBytes} bytes`);
}
