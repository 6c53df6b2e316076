import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { DocumentIndex } from '../../shared/document-index.js';
import type { Random } from '../../shared/time.js';
import { checkUpdate } from '../../shared/update-gate.js';
import { between, forSeeds, randomBytes } from '../support/seeds.js';
import { LIMITS, Swarm } from '../support/swarm-server.js';
import { buildUpdate, gc, skip, string, type } from '../support/update-builder.js';

const RERUN = 'tests/shared/document-index.test.ts';
const UNREADABLE = expect.objectContaining({ code: 'document-unreadable' });

function edited(random: Random): Swarm {
  const swarm = new Swarm(random, 3);
  for (let step = 0; step < 80; step++) swarm.step();
  return swarm;
}

/** Calls `visit` with each item of a document and the number of shared types that it lies in, below the root. */
function forEachItem(doc: Y.Doc, visit: (item: Y.Item, depth: number) => void): void {
  for (const structs of doc.store.clients.values()) {
    for (const struct of structs) {
      if (!(struct instanceof Y.Item)) continue;
      let depth = 0;
      for (let at = parentItem(struct); at !== null; at = parentItem(at)) depth++;
      visit(struct, depth);
    }
  }
}

function parentItem({ parent }: Y.Item): Y.Item | null {
  if (!(parent instanceof Y.AbstractType)) throw new Error('an integrated item has a parent');
  return parent._item;
}

describe('the document index', () => {
  test('[INDEX1] an empty document: nobody is known', () => {
    const index = new DocumentIndex();
    expect([index.clock(5), index.knows(5), index.clientCount, index.flat]).toEqual([0, false, 0, true]);
    expect(index.stateVector()).toEqual(Y.encodeStateVector(new Y.Doc()));
  });

  test('[INDEX1] clocks and depths are those of a Y.Doc with the same updates', () => {
    let deepest = 0;
    forSeeds(30, RERUN, (random) => {
      const { server } = edited(random);
      expect(server.index.stateVector()).toEqual(Y.encodeStateVector(server.doc));
      const clocks = Y.decodeStateVector(Y.encodeStateVector(server.doc));
      expect(server.index.clientCount).toBe(clocks.size);
      for (const [client, clock] of clocks) expect(server.index.clock(client)).toBe(clock);
      forEachItem(server.doc, ({ id, lastId }, depth) => {
        deepest = Math.max(deepest, depth);
        expect(server.index.depthOf(id.client, id.clock)).toBe(depth);
        expect(server.index.depthOf(lastId.client, lastId.clock)).toBe(depth);
      });
    });
    if (process.env.SEED === undefined) expect(deepest).toBeGreaterThan(1);
  });

  test('[INDEX2] decodes to what was encoded, byte for byte', () => {
    forSeeds(20, RERUN, (random) => {
      const { index, doc } = edited(random).server;
      const again = DocumentIndex.decode(index.encode());
      expect(again.encode()).toEqual(index.encode());
      expect(again.stateVector()).toEqual(index.stateVector());
      forEachItem(doc, ({ id }) => {
        expect(again.depthOf(id.client, id.clock)).toBe(index.depthOf(id.client, id.clock));
      });
    });
  });

  test('[INDEX2] an empty index is no bytes', () => {
    expect(new DocumentIndex().encode()).toHaveLength(0);
    expect(DocumentIndex.decode(new Uint8Array()).clientCount).toBe(0);
  });

  test('[INDEX2] a part of an encoded index, more than one, and garbage are document-unreadable', () => {
    forSeeds(5, RERUN, (random) => {
      const bytes = edited(random).server.index.encode();
      for (let end = 1; end < bytes.length; end++) {
        expect(() => DocumentIndex.decode(bytes.subarray(0, end))).toThrow(UNREADABLE);
      }
      expect(() => DocumentIndex.decode(Uint8Array.of(...bytes, 0))).toThrow(UNREADABLE);
      for (let tries = 0; tries < 100; tries++) {
        const garbage = randomBytes(random, between(random, 1, 40));
        garbage[0] = random() < 0.5 ? 1 : 2;
        try {
          DocumentIndex.decode(garbage);
        } catch (error) {
          expect(error).toEqual(UNREADABLE);
        }
      }
    });
    const version2 = Uint8Array.of(2, 0, 0);
    const clientTwice = Uint8Array.of(1, 2, 5, 1, 5, 1, 0);
    const depthsBack = Uint8Array.of(1, 1, 5, 9, 1, 5, 2, 3, 1, 2, 0);
    const depthsBeyond = Uint8Array.of(1, 1, 5, 9, 1, 5, 1, 9, 1);
    for (const bytes of [version2, clientTwice, depthsBack, depthsBeyond]) {
      expect(() => DocumentIndex.decode(bytes)).toThrow(UNREADABLE);
    }
  });

  test('[INDEX3] the index of a full state, garbage-collected, is that of its items', () => {
    forSeeds(20, RERUN, (random) => {
      const { doc, index } = edited(random).server;
      const state = Y.encodeStateAsUpdate(doc);
      const fresh = DocumentIndex.ofState(state);
      expect(fresh.stateVector()).toEqual(index.stateVector());
      forEachItem(doc, ({ id }, depth) => expect(fresh.depthOf(id.client, id.clock)).toBe(depth));
    });
  });

  test('[INDEX3] what is not a whole state is document-unreadable', () => {
    const states = [
      Uint8Array.of(),
      Uint8Array.of(1, 2, 3),
      buildUpdate([{ client: 5, clock: 1, structs: [gc(1)] }]),
      buildUpdate([{ client: 5, clock: 0, structs: [gc(1), skip(2), gc(1)] }]),
      buildUpdate([{ client: 5, clock: 0, structs: [type(1), string('x', { parent: [6, 0] })] }]),
    ];
    for (const state of states) expect(() => DocumentIndex.ofState(state)).toThrow(UNREADABLE);
  });

  test('[INDEX4] a text document costs some bytes per client, however much was written', () => {
    const doc = new Y.Doc();
    doc.clientID = 2 ** 32 - 1;
    const index = new DocumentIndex();
    doc.on('update', (update) => {
      index.admit(checkUpdate(update, { index, kind: 'live', clientId: doc.clientID, limits: LIMITS }));
    });
    const text = doc.getText('text');
    for (let i = 0; i < 500; i++) {
      text.insert(Math.floor(text.length / 2), 'abc');
      text.delete(0, 1);
    }
    expect(index.flat).toBe(true);
    expect(index.encode().length).toBeLessThan(12);
  });
});
