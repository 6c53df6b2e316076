import type { CoscribeError, ErrorCode } from '../../shared/errors.js';
import { problemBody, refusalHeaders } from '../edge/problem.js';
import { fillPage } from './public-files.js';

const TITLES: Readonly<Partial<Record<ErrorCode, string>>> = {
  'invalid-document-id': 'That name doesn’t work',
  'not-found': 'There is nothing here',
  'store-unavailable': 'The server can’t read its documents at the moment',
};

/** An error as `application/problem+json` (RFC 9457), with the code and whether to try again as extra members. */
export function problemResponse(error: CoscribeError): Response {
  return new Response(problemBody(error), {
    status: error.status,
    headers: { ...refusalHeaders(error), 'Content-Type': 'application/problem+json' },
  });
}

/** An error as a page for people; `template` is error.html. */
export function errorPage(template: string, error: CoscribeError): Response {
  const page = fillPage(template, {
    title: TITLES[error.code] ?? 'Something went wrong',
    sentence: error.message,
    code: error.code,
  });
  const headers = { ...refusalHeaders(error), 'Content-Type': 'text/html; charset=utf-8' };
  return new Response(page, { status: error.status, headers });
}
