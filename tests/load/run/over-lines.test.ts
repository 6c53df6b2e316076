import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { overLines } from '../../../load/run/over-lines.js';
import type { Servers } from '../../../load/run/start-servers.js';
import type { OwnNode } from '../../../load/servers.js';
import { loadOptions } from '../../support/load-options.js';

let server: Server;
let url: string;
let stopped: boolean;

beforeEach(async () => {
  stopped = false;
  server = createServer((_, response) => response.end('here'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function servers(): Servers {
  const nothing = async (): Promise<void> => {};
  const node: OwnNode = {
    name: 'node 1',
    url: `${url}/path`,
    pid: undefined,
    running: true,
    start: nothing,
    stop: nothing,
    kill: nothing,
    pause: () => {},
    resume: () => {},
  };
  return {
    targets: [{ url: node.url }],
    watched: [{ name: 'node 1', url, pid: () => undefined }],
    own: { nodes: [node], redis: undefined, postgres: undefined },
    async stop() {
      stopped = true;
    },
    output: () => '',
  };
}

test('[LOADREP24] clients reach nodes over lines where connections are to be cut, and nowhere else', async () => {
  const given = servers();
  for (const words of ['', '--chaos kill,redis', '--nodes 2 --proxy --chaos cut'])
    expect(await overLines(given, loadOptions(words))).toBe(given);
  expect(await overLines(given, loadOptions(url))).toBe(given);

  const over = await overLines(given, loadOptions('--chaos kill,cut'));
  const [target] = over.targets;
  expect(target?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/path$/);
  expect(target?.url).not.toBe(`${url}/path`);
  expect(await (await fetch(target?.url ?? '')).text()).toBe('here');
  expect(over.watched).toBe(given.watched);
  over.own?.nodes[0]?.line?.refuse();
  await expect(fetch(target?.url ?? '')).rejects.toThrow('fetch failed');
  await over.stop();
  expect(stopped).toBe(true);
});
