import { gzipSync } from 'node:zlib';
import type { Hono } from 'hono';
import type { AccessMode } from '../../auth/access.js';
import type { HttpEnv } from '../call.js';
import { prefixOf } from '../mount-prefix.js';
import type { Asset } from '../public-files.js';
import { serveScripts } from '../script-file.js';
import { describeApi } from './describe-api.js';
import type { OpenApi } from './openapi.js';
import { ICON } from './page/icon.js';
import { pageOf } from './page/page.js';
import { STYLE } from './page/style.js';
import type { ApiFacts } from './plan.js';

export interface DescriptionDeps {
  readonly version: string;
  readonly management: { readonly mode: AccessMode };
  readonly limits: ApiFacts;
}

/**
 * Adds the description of the API, for programs at `/api/openapi.json` and for people at `/api`. Nobody is asked who he is, or
 * whose page sends him: there is nothing in it that is not in every other copy of this program.
 */
export function addDescription(
  app: Hono<HttpEnv>,
  { version, management: { mode }, limits }: DescriptionDeps,
): void {
  const describe = (serverUrl: string): OpenApi => describeApi({ version, mode, serverUrl, facts: limits });
  const page = once(() =>
    serveScripts(
      new Map([
        ['page', asset('text/html; charset=utf-8', pageOf(describe('/')))],
        ['style', asset('text/css; charset=utf-8', STYLE)],
        ['icon', asset('image/svg+xml', ICON)],
      ]),
      false,
    ),
  );
  const json = onceFor((serverUrl) =>
    serveScripts(new Map([['json', asset('application/json', JSON.stringify(describe(serverUrl)))]]), true),
  );
  app.get('/api', (c) => page()(c, 'page'));
  app.get('/api/openapi.css', (c) => page()(c, 'style'));
  app.get('/api/openapi.svg', (c) => page()(c, 'icon'));
  app.get('/api/openapi.json', (c) => json(prefixOf(c.env.incoming) || '/')(c, 'json'));
}

function asset(type: string, text: string): Asset {
  return { type, body: new TextEncoder().encode(text), encoded: { gzip: new Uint8Array(gzipSync(text)) } };
}

/** Made when it is first asked for: most processes are never asked. */
function once<T>(make: () => T): () => T {
  const made = onceFor(make);
  return () => made('');
}

/** Made again only if it is asked for something else than the last time: an application has one prefix, as a rule. */
function onceFor<T>(make: (key: string) => T): (key: string) => T {
  let last: { readonly key: string; readonly made: T } | undefined;
  return (key) => {
    if (last?.key !== key) last = { key, made: make(key) };
    return last.made;
  };
}
