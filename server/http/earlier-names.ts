import type { Hono } from 'hono';
import { CoscribeError, type ErrorCode } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Management } from '../documents/management.js';
import { problemBody } from '../edge/problem.js';
import { asker, DOCUMENT, documentOf, type HttpEnv, locationOf, NO_STORE } from './call.js';

/** How a document is refused that is not there under a name. */
const ABSENT: ReadonlySet<ErrorCode> = new Set(['document-moved', 'no-access']);

/**
 * Sends requests for a document that has another name now to where it is, if their sender may read it there: everybody else is told
 * what he was told anyway. Method and body stay the same, and another document may have the name tomorrow.
 */
export function addEarlierNames(app: Hono<HttpEnv>, management: Management): void {
  app.use(`${DOCUMENT}/*`, async (c, next) => {
    await next();
    if (!(c.error instanceof CoscribeError) || !ABSENT.has(c.error.code)) return;
    const id = await management.movedTo(asker(c), documentOf(c)).catch(() => undefined);
    if (id === undefined) return;
    const { pathname, search } = new URL(c.req.url);
    const rest = pathname.split('/').slice(DOCUMENT.split('/').length);
    const Location = `${[locationOf(c, id).Location, ...rest].join('/')}${search}`;
    // Nothing of the refusal is to be left.
    c.res = undefined;
    const headers = { ...NO_STORE, Location, 'Content-Type': 'application/problem+json' };
    c.res = new Response(movedBody(id), { status: 308, headers });
  });
}

/** For whoever does not go there by itself, and would take an empty answer for success. */
function movedBody(movedTo: DocumentId): string {
  const { code, retryable, message } = new CoscribeError(
    'document-moved',
    `nothing was done: send the same request to ${movedTo}`,
  );
  return problemBody({ code, retryable, message, status: 308 }, { movedTo });
}
