import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createApp, listenerOf } from '../../../../server/http/api-app.js';
import { addDescription } from '../../../../server/http/openapi/add-description.js';
import type { OpenApi, Operation } from '../../../../server/http/openapi/openapi.js';
import { html, inline } from '../../../../server/http/openapi/page/html.js';
import { problemResponse } from '../../../../server/http/problem.js';
import { UNCOUNTED } from '../../../../server/telemetry/counters.js';
import { ERRORS, type ErrorCode } from '../../../../shared/errors.js';
import { systemClock } from '../../../../shared/time.js';
import { collectLog } from '../../../support/collect-log.js';
import { readProjectFile } from '../../../support/project-files.js';

let server: Server;
let url: string;
beforeAll(async () => {
  const app = createApp({
    counters: UNCOUNTED,
    log: collectLog(),
    failure: (_path, error) => problemResponse(error),
    random: Math.random,
    clock: systemClock({ unref: true }),
  });
  const limits = { maxBodyBytes: 65_536, maxUpdateBytes: 262_144, maxDocumentBytes: 10_485_760 };
  addDescription(app, { version: '1.2.3', management: { mode: 'tokens' }, limits });
  const answer = listenerOf(app);
  server = createServer((request: IncomingMessage & { originalUrl?: string }, response) => {
    // As Express and its kin do with a prefix.
    if (request.url?.startsWith('/collab')) {
      request.originalUrl = request.url;
      request.url = request.url.slice('/collab'.length);
    }
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function description(prefix = ''): Promise<OpenApi> {
  return (await (await fetch(`${url}${prefix}/api/openapi.json`)).json()) as OpenApi;
}

async function page(): Promise<string> {
  return (await fetch(`${url}/api`)).text();
}

describe('/api/openapi.json', () => {
  test('[OAS6] is asked for anew each time, and is not sent again when it is the same', async () => {
    const first = await fetch(`${url}/api/openapi.json`);
    expect(first.headers.get('content-type')).toBe('application/json');
    expect(first.headers.get('cache-control')).toBe('no-cache');
    const tag = first.headers.get('etag') ?? '';
    const again = await fetch(`${url}/api/openapi.json`, { headers: { 'If-None-Match': tag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect(((await first.json()) as OpenApi).info.version).toBe('1.2.3');
  });

  test('[OAS6] may be read by pages of every origin, and asks nobody who he is', async () => {
    const headers = { Origin: 'https://other.example', 'Sec-Fetch-Site': 'cross-site' };
    const answer = await fetch(`${url}/api/openapi.json`, { headers });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  });

  test('[OAS6] names the prefix under which the API is', async () => {
    const servers = async (prefix?: string) => (await description(prefix)).servers.map((one) => one.url);
    expect(await servers()).toEqual(['/']);
    expect(await servers('/collab')).toEqual(['/collab']);
    expect(await servers()).toEqual(['/']);
  });
});

describe('the page at /api', () => {
  test('[OAS7] has every operation and every schema under its name, and no link leads nowhere', async () => {
    const text = await page();
    const anchors = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const { paths, components } = await description();
    const operations = Object.values(paths).flatMap((item) => Object.values(item) as Operation[]);
    for (const { operationId } of operations) expect(anchors).toContain(operationId);
    for (const name of Object.keys(components.schemas)) expect(anchors).toContain(`schema-${name}`);
    const links = [...text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.filter((id) => !anchors.has(id))).toEqual([]);
    expect(links.length).toBeGreaterThan(operations.length);
  });

  test('[OAS7] shows of each operation how it is called, and with which codes it may be refused', async () => {
    const text = await page();
    const sections = text.split('<section class="operation"').slice(1);
    const { paths } = await description();
    for (const [path, item] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(item) as [string, Operation][]) {
        const section = sections.find((one) => one.startsWith(` id="${operation.operationId}"`)) ?? '';
        expect(section).toContain(`>${method.toUpperCase()}</span> <code>${path}</code>`);
        expect(section).toContain('curl ');
        const codes = Object.values(operation.responses).flatMap(
          ({ content }) => Object.keys(content?.['application/problem+json']?.examples ?? {}) as ErrorCode[],
        );
        for (const code of codes)
          expect(section).toContain(`<td>${ERRORS[code].status}</td><td><code>${code}</code></td>`);
      }
    }
  });

  test('[OAS7] has no script, nothing inline, and nothing from elsewhere', async () => {
    const answer = await fetch(`${url}/api`);
    expect(answer.headers.get('content-security-policy')).toContain("style-src 'self'");
    const text = await answer.text();
    expect(text).not.toMatch(/<script|<style| style=| on\w+=/);
    const files = [...text.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, file = '']) => file);
    expect([...new Set(files)].sort()).toEqual(['api/openapi.css', 'api/openapi.json', 'api/openapi.svg']);
    // They are named so that it does not matter where the application has put the API.
    for (const file of files)
      for (const base of [`${url}/api`, `${url}/collab/api`])
        expect((await fetch(new URL(file, base))).status).toBe(200);
  });

  test('[OAS7] looks like the other pages', async () => {
    const colours = (css: string): ReadonlyMap<string, string> =>
      new Map(
        [...css.matchAll(/^\s*(--[\w-]+):\s*([^;]+);/gm)].map(([, name = '', value = '']) => [name, value]),
      );
    const ours = colours(await (await fetch(`${url}/api/openapi.css`)).text());
    const theirs = colours(readProjectFile('client/app/style/base.css'));
    expect(ours.size).toBeGreaterThan(10);
    for (const [name, value] of ours) expect([name, value]).toEqual([name, theirs.get(name)]);
    const icon = await (await fetch(`${url}/api/openapi.svg`)).text();
    expect(icon.trim()).toBe(readProjectFile('client/app/favicon.svg').trim());
  });

  test('[OAS7] shows text as text', () => {
    expect(html`<p title="${'"'}">${'<b>&'}</p>`.text).toBe('<p title="&quot;">&lt;b&gt;&amp;</p>');
    expect(html`${inline('a `<b>` c')}`.text).toBe('a <code>&lt;b&gt;</code> c');
  });
});
