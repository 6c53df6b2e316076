import type { Parameter, Reference } from './openapi.js';
import { schemaRef } from './schema-ref.js';

const SHARED_PARAMETERS = {
  workspace: {
    name: 'workspace',
    in: 'path',
    description: 'The workspace of the document.',
    required: true,
    schema: schemaRef('NamePart'),
    example: 'acme',
  },
  name: {
    name: 'name',
    in: 'path',
    description: 'The name of the document in its workspace.',
    required: true,
    schema: schemaRef('NamePart'),
    example: 'plan',
  },
  link: {
    name: 'link',
    in: 'path',
    description: 'The `id` of a link.',
    required: true,
    schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
    example: 'q8ZtLw1xUeo',
  },
  root: {
    name: 'root',
    in: 'query',
    description: 'The name of the root type, as in `doc.getText(name)`.',
    schema: { type: 'string', default: 'text' },
    example: 'text',
  },
  anyRoot: {
    name: 'root',
    in: 'query',
    description: 'The name of one root type. Without it all of them are in an object, by their names.',
    schema: { type: 'string' },
  },
  ifMatch: {
    name: 'If-Match',
    in: 'header',
    description:
      'Nothing is changed unless the document is still the one that had this `ETag`; looked at in the transaction that changes its content, on whichever node; for a deletion or a move right before. `*`: unless the document is there.',
    schema: { type: 'string' },
    example: '"128-0b9f2c7e-5d0e-4f6c-9d55-0c8a3b1f7a10"',
  },
  ifNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description:
      'The `ETag` of an earlier answer: if the document is still the same, the answer is 304 without a body.',
    schema: { type: 'string' },
    example: '"128-0b9f2c7e-5d0e-4f6c-9d55-0c8a3b1f7a10"',
  },
  idempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'A name for this request, which you choose. Sent again with the same key within 24 hours, it is not carried out again, and has the same answer, with `Idempotency-Replayed: true`.',
    schema: { type: 'string', pattern: '^[!-~]{1,64}$' },
    example: '7c2a51f2-3f0b-4b3c-a8a4-1d2f6f5f0c11',
  },
} as const satisfies Record<string, Parameter>;

export type ParameterName = keyof typeof SHARED_PARAMETERS;

/** What several operations take, by the names that `parameterRef` is given. */
export const PARAMETERS: Readonly<Record<ParameterName, Parameter>> = SHARED_PARAMETERS;

export function parameterRef(name: ParameterName): Reference {
  return { $ref: `#/components/parameters/${name}` };
}

/** What every address of a document has. */
export const OF_DOCUMENT: readonly Reference[] = [parameterRef('workspace'), parameterRef('name')];
