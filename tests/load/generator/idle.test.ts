import { describe, expect, test } from '@jest/globals';
import type { ProtocolName } from '../../../load/plan.js';
import { startGateway } from '../../support/gateway-server.js';
import { freshDocuments, planFor, withLoad } from '../../support/load-run.js';
import { ManualClock } from '../../support/manual-clock.js';

/** As often as a node shows that it is there, to clients that would else take it for dead, in milliseconds. */
const PULSE_MS = 15_000;

describe('what a node says when nobody else does', () => {
  test.concurrent.each<[ProtocolName, string]>([
    ['y-websocket', '/yjs'],
    ['hocuspocus', '/hocuspocus'],
  ])('[LOADGEN12] clients of %s hear it, and stay', async (protocol, path) => {
    const clock = new ManualClock();
    const node = await startGateway({ clock });
    try {
      await withLoad(async (load) => {
        const documents = freshDocuments(1, 2, 2);
        await load.begin(planFor([node.url + path], { protocol, documents }));
        for (let pulses = 0; pulses < 2; pulses++) {
          const before = load.total('delivered');
          clock.advance(PULSE_MS);
          // What comes afterwards comes over the same connection.
          await load.until(() => load.total('delivered') > before + 10);
        }
        const { problems } = await load.check(await load.settle());
        expect(problems).toEqual([]);
        expect(load.samples.map(({ errors, reconnects }) => [errors, reconnects])).toEqual(
          load.samples.map(() => [{}, 0]),
        );
      });
    } finally {
      await node.stop();
    }
  });
});
