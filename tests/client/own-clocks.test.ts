import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import * as Y from 'yjs';
import { hashContent } from '../../shared/content-hash.js';
import { OwnHistory } from '../support/own-history.js';
import { between } from '../support/random.js';
import { editSomewhere } from '../support/random-edits.js';
import { forSeeds } from '../support/seeds.js';

const HERE = 'tests/client/own-clocks.test.ts';

function live(history: OwnHistory, steps: number): void {
  for (let n = 0; n < steps; n++) {
    history.write();
    if (history.chance(0.4)) history.send();
    if (history.chance(0.3)) history.writeOther();
  }
}

// Yjs says there that it takes another clientID, hundreds of times.
beforeEach(() => {
  jest.spyOn(console, 'log').mockReturnValue();
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe('what comes of this copy’s own', () => {
  test('[PROV40] in honest histories nothing is ever taken for somebody else’s', () => {
    forSeeds(2_000, HERE, (random) => {
      const pairs = random() < 0.5;
      const history = new OwnHistory(random, pairs);
      const { author, own, server, rows } = history;
      for (let n = between(random, 1, 3); n > 0; n--) {
        live(history, between(random, 1, 3));
        if (history.chance(0.2)) history.meet();
        if (history.chance(0.1)) author.clientID = between(random, 1, 2 ** 31);
        expect(history.take(history.answer())).toBeUndefined();
        if (history.chance(0.3)) {
          expect(history.take([Y.encodeStateAsUpdate(server)])).toBeUndefined();
          own.reached(rows.length);
        }
      }
      history.send();
      expect(history.take([Y.encodeStateAsUpdate(server)])).toBeUndefined();
      expect(Y.encodeStateVector(author)).toEqual(Y.encodeStateVector(server));
      if (!pairs) expect(hashContent(author)).toBe(hashContent(server));
    });
  });

  test('[PROV40] whatever an attack takes is noticed before the copies come apart', () => {
    let taken = 0;
    let harmless = 0;
    forSeeds(500, HERE, (random) => {
      const history = new OwnHistory(random, false);
      const { author, server } = history;
      live(history, between(random, 0, 4));
      history.send();
      expect(history.take([Y.encodeStateAsUpdate(server)])).toBeUndefined();
      const attacker = new Y.Doc();
      Y.applyUpdate(attacker, Y.encodeStateAsUpdate(server));
      attacker.clientID = author.clientID;
      const before = Y.encodeStateVector(attacker);
      for (let n = between(random, 1, 3); n > 0; n--) editSomewhere(random, attacker);
      for (let n = between(random, 1, 3); n > 0; n--) history.write();
      history.log(Y.encodeStateAsUpdate(attacker, before));
      const answer = history.chance(0.5) ? history.rows : [Y.encodeStateAsUpdate(server)];
      if (history.take(answer) !== undefined) {
        taken++;
        return;
      }
      harmless++;
      history.send();
      history.write();
      history.send();
      history.take([Y.encodeStateAsUpdate(server)]);
      expect(hashContent(author)).toBe(hashContent(server));
    });
    if (process.env.SEED === undefined) {
      expect(taken).toBeGreaterThan(150);
      expect(harmless).toBeGreaterThan(10);
    }
  });
});
