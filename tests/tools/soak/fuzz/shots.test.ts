import { expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { Dice } from '../../../../tools/dice.js';
import { makeWriter } from '../../../../tools/soak/fuzz/honest-traffic.js';
import { httpShot } from '../../../../tools/soak/fuzz/http-shots.js';
import { engineShot, frameShot, packetShot } from '../../../../tools/soak/fuzz/packet-shots.js';
import { damagedShot, protocolShot } from '../../../../tools/soak/fuzz/protocol-shots.js';
import type { Ground } from '../../../../tools/soak/fuzz/shots.js';

const MAKERS = { protocolShot, damagedShot, packetShot, engineShot, frameShot };
const COUNT = 500;

function ground(seed: number): Ground {
  const dice = new Dice(seed);
  const writer = makeWriter(dice);
  return { dice, namespace: '/docs/a/b', auth: { protocol: 1 }, writer, next: 0, otherClients: [9] };
}

test('[HOST4] what a writer would send, in order, is honest and makes his document', () => {
  const { writer } = ground(7);
  const doc = new Y.Doc();
  for (const update of writer.updates) Y.applyUpdate(doc, update);
  expect(doc.store.pendingStructs).toBeNull();
  expect(Y.encodeStateVector(doc)).toEqual(writer.stateVector);
});

test.each(Object.entries(MAKERS))('[HOST4] %s: a seed decides, and hardly two are alike', (_, make) => {
  const shots = (seed: number): string[] => {
    const own = ground(seed);
    return Array.from({ length: COUNT }, () => JSON.stringify(make(own)));
  };
  expect(shots(3)).toEqual(shots(3));
  expect(shots(3)).not.toEqual(shots(4));
  expect(new Set(shots(3)).size).toBeGreaterThan(10);
});

test('[HOST4] requests of every kind are made, to connections of others too', () => {
  const dice = new Dice(7);
  const all = Array.from({ length: COUNT }, () =>
    httpShot({ dice, sids: ['SID'], namespace: '/docs/a/b' }).toString(),
  );
  for (const part of ['sid=SID', 'Upgrade: websocket', 'chunked', 'Content-Encoding: gzip', 'XYZ /', 'EIO=3'])
    expect(all.some((text) => text.includes(part))).toBe(true);
});
