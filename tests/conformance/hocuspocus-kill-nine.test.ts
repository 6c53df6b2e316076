import { randomInt } from 'node:crypto';
import { expect, test } from '@jest/globals';
import {
  HOCUSPOCUS_VERSIONS,
  type HocuspocusClient,
  HocuspocusConnection,
} from '../support/hocuspocus-client.js';
import { RawClient } from '../support/raw-client.js';
import { between, seededRandom } from '../support/seeds.js';
import { withServer } from '../support/server-process.js';
import { until } from '../support/until.js';

/** The environment variable `KILLS` makes it more. */
const KILLS = Number(process.env.KILLS ?? 5);

const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
const random = seededRandom(seed);
const RERUN = `SEED=${seed} KILLS=${KILLS} npx jest tests/conformance/hocuspocus-kill-nine`;

/** Fulfils at the very moment at which the provider says that all is saved, with what it shows then. */
function saved({ provider, doc }: HocuspocusClient): Promise<string> {
  return new Promise((resolve) => {
    provider.on('unsyncedChanges', () => {
      if (!provider.hasUnsyncedChanges) resolve(doc.getText('text').toString());
    });
  });
}

test(`[HOCUS3] the server is killed with -9 when a provider says that all is saved, ${KILLS} times: nothing is lost`, async () => {
  await withServer({}, async (server) => {
    const connections: HocuspocusConnection[] = [];
    let stored = '';
    try {
      for (let kill = 0; kill < KILLS; kill++) {
        const version = HOCUSPOCUS_VERSIONS[kill % HOCUSPOCUS_VERSIONS.length] ?? '4.8.0';
        const made = new HocuspocusConnection(version, server.url);
        connections.push(made);
        const client = made.open('default/notes');
        // Some of it before it is in, some after.
        const early = random() < 0.3;
        if (early) client.type(`${kill} early `);
        else await until(() => client.isSaved, 'the provider to be in');
        for (let edits = between(random, 1, 60); edits > 0; edits--) {
          if (random() < 0.2 && client.text.length > 10 && !early) client.erase(between(random, 1, 3));
          else client.type(`${kill}:${edits} `);
        }
        const shown = await saved(client);
        await server.kill();
        await server.start();
        const reader = await RawClient.joined(server.url, { document: 'default/notes' });
        stored = reader.text;
        reader.close();
        expect({ kill, version, stored }).toEqual({ kill, version, stored: shown });
        made.destroy();
      }
      expect(stored).not.toBe('');
    } catch (error) {
      if (error instanceof Error)
        error.message = `seed ${seed} fails; again with: ${RERUN}\n${error.message}`;
      throw error;
    } finally {
      for (const made of connections) made.destroy();
    }
  });
});
