import { expect, test } from '@jest/globals';
import { addApi } from '../../../../server/http/api.js';
import { createApp } from '../../../../server/http/api-app.js';
import { describeApi } from '../../../../server/http/openapi/describe-api.js';
import { problemResponse } from '../../../../server/http/problem.js';
import { UNCOUNTED } from '../../../../server/telemetry/counters.js';
import { systemClock } from '../../../../shared/time.js';
import { apiDeps } from '../../../support/api-deps.js';
import { documentNode } from '../../../support/document-node.js';

/** What belongs to the page at `/api`, and is no operation of its own. */
const FILES_OF_THE_PAGE = ['GET /api/openapi.css', 'GET /api/openapi.svg'];

test('[OAS2] what the server answers under /api is what is described', () => {
  const { store, documents, log } = documentNode();
  const app = createApp({
    counters: UNCOUNTED,
    log,
    clock: systemClock({ unref: true }),
    random: Math.random,
    failure: (_path, error) => problemResponse(error),
  });
  const deps = apiDeps({ store, documents, log });
  addApi(app, deps);
  const answered = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
  const { paths } = describeApi({ version: '', mode: 'tokens', serverUrl: '/', facts: deps.limits });
  const described = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(answered.sort()).toEqual([...described, ...FILES_OF_THE_PAGE].sort());
});
