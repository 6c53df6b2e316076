import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { CoscribeProvider } from '../../../client/provider.js';
import { Dice } from '../../../tools/dice.js';
import { Ledger } from '../../../tools/soak/ledger.js';
import { Typist } from '../../../tools/soak/typist.js';
import { Clients, textOf } from '../../support/clients.js';
import { type GatewayServer, startGateway } from '../../support/gateway-server.js';
import { until } from '../../support/until.js';

let server: GatewayServer;
let clients: Clients;

beforeEach(async () => {
  server = await startGateway();
  clients = new Clients();
});

afterEach(async () => {
  clients.destroy();
  await server.stop();
});

function typistsOf(providers: readonly CoscribeProvider[], ledger: Ledger): Typist[] {
  return providers.map((provider, number) => {
    const typist = new Typist(provider, number, new Dice(number));
    ledger.add(typist);
    return typist;
  });
}

test('[NODES9] what typists insert, paste and delete is told from everything else, and what is confirmed is counted', async () => {
  const [ann, ben] = [clients.connect(server.url), clients.connect(server.url)];
  await until(() => ann.synced && ben.synced, 'both are synced');
  const ledger = new Ledger();
  const typists = typistsOf([ann, ben], ledger);
  for (let round = 0; round < 50; round++) {
    for (const typist of typists) for (let edit = 0; edit < 10; edit++) typist.edit();
    await until(() => ann.unsavedChanges + ben.unsavedChanges === 0, 'everything is saved');
  }
  await until(() => textOf(ann) === textOf(ben), 'both have the same text');
  expect(typists.map(({ acked }) => acked)).toEqual([500, 500]);
  const edits = typists.flatMap((typist) => typist.edits);
  expect(edits.some(({ inserted }) => inserted.length > 1)).toBe(true);
  expect(edits.some(({ deleted }) => deleted.length > 1)).toBe(true);
  const text = textOf(ann);
  expect(ledger.check(text, ledger.confirmed())).toEqual([]);
  // The first token that is there, gone, and one that was deleted, there again.
  const [first = ''] = /^\[[^\]]*\]/.exec(text) ?? [];
  const gone = edits.flatMap(({ deleted }) => deleted).find((token) => !text.includes(token)) ?? '';
  expect(ledger.check(gone + text.slice(first.length), ledger.confirmed())).toEqual([
    `lost, though it was confirmed: ${first}`,
    `there again after it was deleted: ${gone}`,
  ]);
});

test('[NODES9] an edit that the server has not confirmed does not count', async () => {
  const ann = clients.connect(server.url);
  await until(() => ann.synced, 'ann is synced');
  const ledger = new Ledger();
  const [typist] = typistsOf([ann], ledger);
  ann.disconnect();
  typist?.edit();
  expect(ledger.confirmed()).toEqual([0]);
  ann.connect();
  await until(() => ann.unsavedChanges === 0, 'it is saved');
  expect(ledger.confirmed()).toEqual([1]);
});
