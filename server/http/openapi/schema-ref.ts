import type { Reference } from './openapi.js';

/** Names a schema of the description's `components`. */
export function schemaRef(name: string): Reference {
  return { $ref: `#/components/schemas/${name}` };
}
