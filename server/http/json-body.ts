import type { IncomingMessage } from 'node:http';
import { CoscribeError } from '../../shared/errors.js';
import { demandType, parseJson, readBody } from './body.js';

/** An object of a request, of which only the names of its fields are known. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the body of a request as a JSON object; no body at all counts as one without fields.
 *
 * @param known fields that it may have
 * @throws CoscribeError `body-too-large`, as soon as that shows; `unsupported-media-type`, `bad-request`
 */
export async function readFields(
  request: IncomingMessage,
  maxBytes: number,
  known: readonly string[],
): Promise<Fields> {
  const body = await readBody(request, { maxBytes });
  if (body.length === 0) return {};
  demandType(request, { types: ['application/json'] });
  return fieldsOf(parseJson(body), known);
}

/** @throws CoscribeError `bad-request` for what is no object, or has other fields */
export function fieldsOf(value: unknown, known: readonly string[]): Fields {
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
