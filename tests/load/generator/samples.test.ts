import { expect, test } from '@jest/globals';
import { Durations } from '../../../load/histogram.js';
import { headOf, startGateway } from '../../support/gateway-server.js';
import { freshDocuments, planFor, withLoad } from '../../support/load-run.js';

test('[LOADGEN10] when everything has settled, samples have told all of it, and who typed while it was typed', async () => {
  const node = await startGateway();
  try {
    await withLoad(async (load) => {
      const documents = freshDocuments(1, 3, 2);
      const head = (): Promise<number> => headOf(node, documents[0]?.name ?? '');
      await load.begin(planFor([node.url], { documents }));
      load.generator.send({ kind: 'sample' });
      // The first one was asked for, the second came by itself.
      await load.until(() => load.samples.length >= 2 && load.total('typed') > 0);
      const before = await head();
      while ((await head()) <= before + 3) await new Promise(setImmediate);
      const truth = await load.settle();
      const { samples } = load;
      const [typed, acked, delivered] = [load.total('typed'), load.total('acked'), load.total('delivered')];
      const ack = new Durations();
      for (const { ackMs } of samples) ack.mergeEncoded(ackMs);
      const busy = samples.slice(1).filter((sample) => sample.typed > 0);
      expect(busy.map(({ typing }) => typing)).toEqual(busy.map(() => 2));
      expect({ acked, waited: ack.count, unacked: samples.at(-1)?.unacked }).toEqual({
        acked: typed,
        waited: typed,
        unacked: 0,
      });
      expect(delivered).toBeGreaterThan(typed);
      expect((await load.check(truth)).checked.ackedEdits).toBe(acked);
    });
  } finally {
    await node.stop();
  }
});
