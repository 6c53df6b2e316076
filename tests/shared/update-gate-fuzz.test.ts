import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { DocumentIndex } from '../../shared/document-index.js';
import { CoscribeError } from '../../shared/errors.js';
import type { UpdateKind } from '../../shared/protocol.js';
import type { Random } from '../../shared/time.js';
import { checkUpdate } from '../../shared/update-gate.js';
import { contentOf, docOf, hasPending, withoutFormats } from '../support/edit-swarm.js';
import { randomUpdate } from '../support/random-update.js';
import { between, forSeeds } from '../support/seeds.js';
import { LIMITS, Swarm, SwarmServer } from '../support/swarm-server.js';

const RERUN = 'tests/shared/update-gate-fuzz.test.ts';

describe('updates of random editing', () => {
  test('[GATE1] [INDEX1] no honest update is refused, and the index then stands where a Y.Doc does', () => {
    let updates = 0;
    forSeeds(30, RERUN, (random) => {
      const swarm = new Swarm(random, 4, () => {
        updates++;
      });
      for (let step = 0; step < 250; step++) swarm.step();
      const docs = swarm.settle();
      const { server } = swarm;
      expect(hasPending(server.doc)).toBe(false);
      expect(server.index.stateVector()).toEqual(Y.encodeStateVector(server.doc));
      for (const doc of docs) {
        expect(contentOf(doc)).toEqual(contentOf(docs[0] ?? doc));
        expect(withoutFormats(doc)).toEqual(withoutFormats(server.doc));
      }
    });
    if (process.env.SEED === undefined) expect(updates).toBeGreaterThan(4_000);
  });

  test('[GATE2] what passes after bits have flipped, Yjs applies whole and can load again', () => {
    let passed = 0;
    let refused = 0;
    forSeeds(15, RERUN, (random) => {
      const swarm = new Swarm(random, 3, (update, kind, clientId, server) => {
        for (let tries = 0; tries < 6; tries++) {
          if (survives(flipped(random, update), kind, clientId, server)) passed++;
          else refused++;
        }
      });
      for (let step = 0; step < 100; step++) swarm.step();
    });
    if (process.env.SEED !== undefined) return;
    expect(passed).toBeGreaterThan(200);
    expect(refused).toBeGreaterThan(2_000);
  });

  test('[GATE2] what passes of structs put together at random, Yjs applies whole and can load again', () => {
    let passed = 0;
    let refused = 0;
    forSeeds(400, RERUN, (random) => {
      const server = new SwarmServer();
      for (let sent = 0; sent < 12; sent++) {
        const clientId = between(random, 1, 3);
        const kind = random() < 0.5 ? 'live' : 'catch-up';
        const update = randomUpdate(random, server.index, kind === 'live' ? [clientId] : [3, 2, 1]);
        if (!survives(update, kind, clientId, server)) refused++;
        else {
          server.submit(update, kind, clientId);
          passed++;
        }
      }
    });
    if (process.env.SEED !== undefined) return;
    expect(passed).toBeGreaterThan(800);
    expect(refused).toBeGreaterThan(800);
  });

  test('[GATE3] a part of an update is refused, however it is cut', () => {
    forSeeds(8, RERUN, (random) => {
      const swarm = new Swarm(random, 3, (update, kind, clientId, { index }) => {
        for (let end = 0; end < Math.min(update.length, 400); end++) {
          const thrown = thrownBy(() =>
            checkUpdate(update.subarray(0, end), { index, kind, clientId, limits: LIMITS }),
          );
          if (!(thrown instanceof CoscribeError))
            throw new Error(`the first ${end} bytes pass`, { cause: thrown });
        }
      });
      for (let step = 0; step < 60; step++) swarm.step();
    });
  });
});

function thrownBy(run: () => void): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

function flipped(random: Random, update: Uint8Array): Uint8Array {
  const bytes = update.slice();
  const at = between(random, 0, bytes.length - 1);
  bytes[at] = random() < 0.7 ? (bytes[at] ?? 0) ^ (1 << between(random, 0, 7)) : between(random, 0, 255);
  return bytes;
}

/** Checks an update against a copy of the server; if it passes, Yjs must stand it. */
function survives(update: Uint8Array, kind: UpdateKind, clientId: number, server: SwarmServer): boolean {
  const index = DocumentIndex.decode(server.index.encode());
  try {
    index.admit(checkUpdate(update, { index, kind, clientId, limits: LIMITS }));
  } catch (error) {
    expect(error).toBeInstanceOf(CoscribeError);
    return false;
  }
  const { update: trimmed } = checkUpdate(update, { index: server.index, kind, clientId, limits: LIMITS });
  const doc = docOf(Y.encodeStateAsUpdate(server.doc), trimmed);
  expect(hasPending(doc)).toBe(false);
  expect(index.stateVector()).toEqual(Y.encodeStateVector(doc));
  const again = docOf(Y.encodeStateAsUpdate(doc));
  expect(hasPending(again)).toBe(false);
  expect(Y.encodeStateVector(again)).toEqual(Y.encodeStateVector(doc));
  return true;
}
