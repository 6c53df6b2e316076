import type { IncomingMessage, ServerResponse } from 'node:http';
import { CoscribeError } from '../../shared/errors.js';
import { refuseRequest } from '../edge/problem.js';
import { type ApiAppDeps, createApiApp } from './api-app.js';

export type Middleware = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void;

/** What is ours; everything else below `/api` may be the application's. */
const OURS =
  /^\/(?:api(?:\/openapi\.(?:json|css|svg)|\/admin|\/(?:admin\/(?:documents|events|nodes|sessions)|documents|revocations|workspaces)(?:\/.*)?)?|coscribe\.js(?:\.map)?)$/;

/** The HTTP API, and the script for browsers, beside what else an application answers. */
export function createMiddleware(deps: ApiAppDeps): Middleware {
  const answer = createApiApp(deps);
  return (request, response, next) => {
    const [path = ''] = (request.url ?? '').split('?');
    if (OURS.test(path)) void answer(request, response);
    else if (next !== undefined) next();
    else refuseRequest(response, new CoscribeError('not-found'));
  };
}
