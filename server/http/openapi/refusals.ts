import { CoscribeError, ERRORS, type ErrorCode } from '../../../shared/errors.js';
import { problemBody } from '../../edge/problem.js';
import { headersOf } from './headers.js';
import type { Answer, Example } from './openapi.js';
import { schemaRef } from './schema-ref.js';

/** Refusals by their status, each with the codes from which the asker learns what it is about. */
export function refusalsOf(codes: readonly ErrorCode[]): Readonly<Record<string, Answer>> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set(codes)) {
    const { status } = ERRORS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, those]) => [String(status), refusal(status, those)]));
}

function refusal(status: number, codes: readonly ErrorCode[]): Answer {
  return {
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code].sentence}`).join('\n\n'),
    ...((status === 429 || status === 503) && { headers: headersOf('Retry-After') }),
    content: {
      'application/problem+json': {
        schema: {
          ...schemaRef('Problem'),
          properties: { code: { enum: codes }, status: { const: status } },
        },
        examples: Object.fromEntries(
          codes.map((code) => [code, { $ref: `#/components/examples/${code}` }] as const),
        ),
      },
    },
  };
}

/** What refusals with these codes look like, by their codes. */
export function refusalExamples(codes: Iterable<ErrorCode>): Readonly<Record<string, Example>> {
  const known = [...new Set(codes)];
  return Object.fromEntries(
    known.map((code) => [
      code,
      { summary: ERRORS[code].sentence, value: JSON.parse(problemBody(new CoscribeError(code))) as unknown },
    ]),
  );
}
