import { type CoscribeError, ERRORS, type ErrorCode } from '../../shared/errors.js';
import { fillPage } from './public-files.js';

/** Seconds after which a client may try again what failed for a passing reason. */
const RETRY_AFTER = '5';

const TITLES: Readonly<Partial<Record<ErrorCode, string>>> = {
  'invalid-document-id': 'That name doesn’t work',
  'not-found': 'There is nothing here',
  'store-unavailable': 'The server can’t read its documents at the moment',
};

/** An error as `application/problem+json` (RFC 9457), with the code and whether to try again as extra members. */
export function problemResponse(error: CoscribeError): Response {
  const { code, status, retryable } = error;
  const body = {
    type: `urn:coscribe:error:${code}`,
    title: ERRORS[code].sentence,
    status,
    detail: error.message,
    code,
    retryable,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: headersFor(error, 'application/problem+json'),
  });
}

/** An error as a page for people; `template` is error.html. */
export function errorPage(template: string, error: CoscribeError): Response {
  const page = fillPage(template, {
    title: TITLES[error.code] ?? 'Something went wrong',
    sentence: error.message,
    code: error.code,
  });
  return new Response(page, { status: error.status, headers: headersFor(error, 'text/html; charset=utf-8') });
}

function headersFor(error: CoscribeError, type: string): Record<string, string> {
  const headers = { 'Content-Type': type, 'Cache-Control': 'no-store' };
  return error.status === 503 ? { ...headers, 'Retry-After': RETRY_AFTER } : headers;
}
