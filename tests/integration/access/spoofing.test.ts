import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { CoscribeProvider } from '../../../client/provider.js';
import type { RejectedEdits } from '../../../client/rejected-edits.js';
import { DEFAULT_QUIET_CHECKS } from '../../../server/documents/quiet-checks.js';
import { BusHub } from '../../support/bus-hub.js';
import { Clients, textOf, type } from '../../support/clients.js';
import { GatedStore } from '../../support/gated-store.js';
import { type GatewayServer, startGateway } from '../../support/gateway-server.js';
import { awarenessOf, ownUpdate, type State } from '../../support/presence-people.js';
import { RawClient } from '../../support/raw-client.js';
import { RegisterAccess } from '../../support/register-access.js';
import { until } from '../../support/until.js';

/** Copies are compared soon after nothing more comes, so that the test does not take a minute. */
const QUICK = { ...DEFAULT_QUIET_CHECKS, quietMs: 300, everyMs: 300, share: 1 };

let hub: BusHub;
let people: RegisterAccess;
let here: GatewayServer;
let there: GatewayServer;
let clients: Clients;
let victim: CoscribeProvider;
/** Somebody else on the other node, who looks on. */
let witness: CoscribeProvider;
const raw: RawClient[] = [];

beforeEach(async () => {
  people = new RegisterAccess();
  people.add('ann', 'editor', { name: 'Ann', color: '#102030' });
  people.add('eve', 'editor', { name: 'Eve', color: '#405060' });
  people.add('guest', 'editor');
  hub = new BusHub();
  const store = new GatedStore();
  here = await startGateway({ bus: hub.node('here'), store, access: people, quietChecks: QUICK });
  there = await startGateway({ bus: hub.node('there'), store, access: people, quietChecks: QUICK });
  clients = new Clients();
  victim = clients.connect(here.url, { token: 'ann' });
  witness = clients.connect(there.url, { token: 'guest' });
  await until(() => victim.synced && witness.synced, 'both to be synced');
  victim.awareness.setLocalState({ user: { name: 'I', color: '#000000' }, cursor: null });
  await until(() => witness.awareness.getStates().has(victim.doc.clientID), 'the victim to be seen');
});

afterEach(async () => {
  clients.destroy();
  for (const client of raw.splice(0)) client.close();
  await here.stop();
  await there.stop();
});

async function attacker({ url }: GatewayServer, clientId?: number): Promise<RawClient> {
  const client = await RawClient.connect(url, { auth: { protocol: 1, token: 'eve' } });
  raw.push(client);
  if (clientId !== undefined) client.doc.clientID = clientId;
  return client;
}

async function joined(server: GatewayServer): Promise<RawClient> {
  const client = await attacker(server);
  expect(await client.join()).toMatchObject({ ok: true });
  return client;
}

/** The update of somebody who writes under another's clientID, right after what that one has written. */
function writtenAs(clientId: number, client: RawClient, words: string): Uint8Array {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(client.doc));
  copy.clientID = clientId;
  const before = Y.encodeStateVector(copy);
  copy.getText('text').insert(0, words);
  return Y.encodeStateAsUpdate(copy, before);
}

function seenBy({ awareness }: CoscribeProvider, clientId: number): State | undefined {
  return awareness.getStates().get(clientId);
}

async function victimTypes(words: string): Promise<void> {
  type(victim, words);
  await until(() => victim.unsavedChanges === 0 && textOf(witness).endsWith(words), 'it to be everywhere');
}

const NODES = [
  ['the same node', () => here],
  ['another node', () => there],
] as const;

describe.each(NODES)('somebody on %s', (_where, node) => {
  test('[ACC30] shows nobody but himself, and takes nobody away', async () => {
    const eve = await joined(node());
    const { clientID } = victim.doc;
    for (const state of [{ user: { name: 'Fake' } }, null]) {
      const fake = awarenessOf(state, clientID);
      for (let clock = 0; clock < 50; clock++) fake.setLocalState(state);
      eve.socket.emit('awareness', ownUpdate(fake));
      await until(() => eve.refusals.length > 0, 'the refusal');
      expect(eve.refusals.splice(0)).toEqual(['awareness-refused']);
      eve.received.length = 0;
    }
    await victimTypes('still here');
    expect(seenBy(witness, clientID)).toMatchObject({ user: { name: 'Ann', color: '#102030' } });
  });

  test('[ACC30] is seen under the name and in the colour that the server knows, whatever he says', async () => {
    const eve = await joined(node());
    const state = { user: { name: 'Ann', color: '#102030', photo: 'p' }, cursor: null };
    eve.socket.emit('awareness', ownUpdate(awarenessOf(state, eve.doc.clientID)));
    for (const other of [victim, witness]) {
      await until(() => seenBy(other, eve.doc.clientID) !== undefined, 'him to be seen');
      expect(seenBy(other, eve.doc.clientID)?.user).toEqual({ name: 'Eve', color: '#405060', photo: 'p' });
    }
    const late = clients.connect(here.url, { token: 'guest' });
    await until(
      () => seenBy(late, eve.doc.clientID) !== undefined,
      'him to be seen by somebody who comes later',
    );
    expect(seenBy(late, eve.doc.clientID)).toMatchObject({ user: { name: 'Eve' } });
  });

  test('[ACC31] writes live under his own clientID only, and not under one that has been written under', async () => {
    await victimTypes('mine');
    const eve = await joined(node());
    const { clientID } = victim.doc;
    expect(await eve.update(writtenAs(clientID, eve, 'fake'))).toMatchObject({
      error: { code: 'update-refused' },
    });
    const double = await attacker(node(), clientID);
    expect(await double.join()).toMatchObject({ error: { code: 'client-id-in-use' } });
    await victimTypes(' and only mine');
    expect(textOf(witness)).toBe('mine and only mine');
    expect(victim.doc.clientID).toBe(clientID);
  });

  test('[ACC32] changes nothing that is saved by using up the clocks of another, who goes on typing', async () => {
    await victimTypes('mine');
    const eve = await joined(node());
    const reply = await eve.update(writtenAs(victim.doc.clientID, eve, 'fake '), 'catch-up');
    // On his own node a client's clocks are his; of another node nobody knows for sure who is there.
    expect(reply.ok).toBe(node() === there);
    if (reply.ok) await until(() => textOf(victim).startsWith('fake '), 'it to arrive');
    await victimTypes(' and more');
    expect(textOf(witness)).toBe(reply.ok ? 'fake mine and more' : 'mine and more');
    expect(textOf(victim)).toBe(textOf(witness));
  });
});

test('[ACC32] whoever takes the clientID of somebody on another node who has written nothing yet takes nothing from him', async () => {
  const { clientID } = victim.doc;
  const double = await attacker(there, clientID);
  expect(await double.join()).toMatchObject({ ok: true });
  expect(await double.type('first ')).toMatchObject({ ok: true });
  await until(() => textOf(victim) === 'first ', 'it to arrive');
  await victimTypes('and mine');
  expect(textOf(witness)).toBe('first and mine');
  expect(victim.doc.clientID).not.toBe(clientID);
  expect(victim.status).toBe('synced');
});

/** What the victim is handed back, and how often its copy is given up. */
function losses(): { readonly handedBack: RejectedEdits[]; diverged: number } {
  const seen = { handedBack: [] as RejectedEdits[], diverged: 0 };
  victim.on('rejected', ({ code }, edits) => {
    expect(code).toBe('copy-diverged');
    seen.handedBack.push(edits);
  });
  victim.on('diverged', (check) => {
    // Nobody has compared anything: it is told before.
    expect(check).toBeUndefined();
    seen.diverged++;
  });
  return seen;
}

test('[ACC33] whoever typed in the moment in which another used up his clocks is told at once, and gets it back', async () => {
  await victimTypes('mine');
  const lost = losses();
  const eve = await joined(there);
  let arrives = false;
  hub.arrives = () => arrives;
  expect(await eve.update(writtenAs(victim.doc.clientID, eve, 'fake '), 'catch-up')).toMatchObject({
    ok: true,
  });
  type(victim, ' and');
  await until(() => victim.unsavedChanges === 0, 'it to be saved');
  arrives = true;
  await until(() => lost.diverged === 1, 'it to be noticed');
  expect(victim.status).toBe('diverged');
  expect(victim.error?.code).toBe('copy-diverged');
  expect(lost.handedBack).toMatchObject([{ inserted: [' and'], text: 'mine and', changes: 1 }]);
  expect(textOf(witness)).toBe('fake mine');
  type(victim, ' into the wrong copy');
  const fresh = clients.connect(here.url, { token: 'ann' });
  await until(() => fresh.synced, 'a new copy');
  expect(textOf(fresh)).toBe('fake mine');
});

test('[ACC33] whoever typed offline under a clientID that another took meanwhile gets it back', async () => {
  const { clientID } = victim.doc;
  const lost = losses();
  victim.disconnect();
  type(victim, 'mine');
  const double = await attacker(there, clientID);
  expect(await double.join()).toMatchObject({ ok: true });
  expect(await double.type('fa')).toMatchObject({ ok: true });
  victim.connect();
  await until(() => lost.diverged === 1, 'it to be noticed');
  expect(lost.handedBack).toMatchObject([{ inserted: ['mine'], text: 'mine', changes: 1 }]);
  expect(textOf(witness)).toBe('fa');
});

test('[ACC30] an awareness update for several people is refused as a whole', async () => {
  const eve = await joined(here);
  const group = awarenessOf({ user: { name: 'Eve' } }, eve.doc.clientID);
  applyAwarenessUpdate(
    group,
    ownUpdate(awarenessOf({ user: { name: 'Fake' } }, victim.doc.clientID)),
    'test',
  );
  const both = encodeAwarenessUpdate(group, [eve.doc.clientID, victim.doc.clientID]);
  eve.socket.emit('awareness', both);
  await until(() => eve.refusals.length > 0, 'the refusal');
  expect(eve.refusals).toEqual(['awareness-refused']);
  expect(seenBy(witness, eve.doc.clientID)).toBeUndefined();
});
