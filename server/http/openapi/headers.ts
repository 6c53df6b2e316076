import type { Header, Reference } from './openapi.js';

const SHARED_HEADERS = {
  ETag: {
    description:
      'Which state of the document this is: `"{seq}-{generation}"`. For `If-Match` and `If-None-Match`.',
    required: true,
    schema: {
      type: 'string',
      pattern: '^"\\d+-[!#-~]+"$',
      examples: ['"128-0b9f2c7e-5d0e-4f6c-9d55-0c8a3b1f7a10"'],
    },
  },
  Location: {
    description: 'Where the document is found in this API.',
    required: true,
    schema: { type: 'string', examples: ['/api/documents/acme/plan'] },
  },
  'Idempotency-Replayed': {
    description: '`true` if the request had been carried out before, and this is what was answered then.',
    required: false,
    schema: { type: 'string', const: 'true' },
  },
  'Content-Disposition': {
    description: 'Has browsers save it, under a name made of that of the document.',
    required: true,
    schema: { type: 'string', pattern: '^attachment;', examples: ['attachment; filename="plan.md"'] },
  },
  'Retry-After': {
    description: 'Seconds after which the same request may be sent again.',
    required: true,
    schema: { type: 'string', pattern: '^\\d+$', examples: ['5'] },
  },
} as const satisfies Record<string, Header>;

export type HeaderName = keyof typeof SHARED_HEADERS;

/** What answers say beside their bodies, by the names that `headersOf` is given. */
export const HEADERS: Readonly<Record<HeaderName, Header>> = SHARED_HEADERS;

/** The headers of an answer. */
export function headersOf(...names: readonly HeaderName[]): Readonly<Record<string, Reference>> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
