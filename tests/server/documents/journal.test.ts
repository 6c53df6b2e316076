import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type GatewayServer, startGateway } from '../../support/gateway-server.js';
import { RawClient } from '../../support/raw-client.js';
import { until } from '../../support/until.js';

let node: GatewayServer;
beforeAll(async () => {
  node = await startGateway();
});
afterAll(() => node.stop());

test('[LOGS2] who comes and goes, and what becomes of the document, is a line each; keystrokes are none', async () => {
  const document = 'acme/logged';
  const { entries } = node.log;
  const client = await RawClient.joined(node.url, { document });
  for (let word = 0; word < 50; word++) expect(await client.type('secret ')).toMatchObject({ ok: true });
  client.close();
  await until(() => entries.some(({ message }) => message === 'a document was put away'), 'its last line');

  const told = entries.filter(({ fields }) => fields.document === document);
  expect(told.every(({ level }) => level === 'debug')).toBe(true);
  const lines = told.map(({ message }) => message).filter((line) => !line.includes('snapshot'));
  expect(lines).toEqual([
    'a document was loaded',
    'somebody came into a document',
    'somebody left a document',
    'a document was put away',
  ]);
  const [came, left] = told.filter(({ fields }) => 'session' in fields);
  expect(came?.fields).toMatchObject({ role: 'owner', protocol: 'coscribe', ms: expect.any(Number) });
  expect(came?.fields.session).toMatch(/^\S+\.\d+$/);
  expect(left?.fields.session).toBe(came?.fields.session);
  expect(JSON.stringify(entries)).not.toContain('secret');
});

test('[LOGS2] whoever was put out left for a reason', async () => {
  const document = 'acme/ended';
  const client = await RawClient.joined(node.url, { document });
  await node.documents.stop();
  const left = (): unknown =>
    node.log.entries.find(
      ({ fields, message }) => fields.document === document && message === 'somebody left a document',
    )?.fields;
  await until(() => left() !== undefined, 'the line about his end');
  expect(left()).toMatchObject({ code: 'shutting-down' });
  client.close();
});
