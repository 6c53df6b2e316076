import type { Answer, Header, Reference, RequestBody, Schema } from '../openapi.js';
import { schemaRef } from '../schema-ref.js';

/** An answer in JSON. @param schema its name in `components` */
export function jsonAnswer(
  description: string,
  schema: string,
  headers: Readonly<Record<string, Header | Reference>> = {},
): Answer {
  return { description, headers, content: { 'application/json': { schema: schemaRef(schema) } } };
}

/** A body in JSON. */
export function jsonBody(description: string, schema: Schema, example: unknown): RequestBody {
  return bodyOf('application/json', description, schema, example);
}

/** A body that has to be there, of one type. */
export function bodyOf(type: string, description: string, schema: Schema, example?: unknown): RequestBody {
  const shown = example === undefined ? {} : { example };
  return { description, required: true, content: { [type]: { schema, ...shown } } };
}
