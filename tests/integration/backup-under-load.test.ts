import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { backup } from '../../cli/commands/backup.js';
import { SqliteStore } from '../../server/storage/sqlite-store.js';
import { parseDocumentId } from '../../shared/ids.js';
import { Clients } from '../support/clients.js';
import { ROOT } from '../support/project-files.js';
import { runCommand } from '../support/run-command.js';
import { seededRandom } from '../support/seeds.js';
import { withServer } from '../support/server-process.js';
import { Typist, tokensOf, wrongBy } from '../support/typist.js';
import { until } from '../support/until.js';

const seed = Number(process.env.SEED ?? randomInt(2 ** 31));

test('[VERIFY7] a backup of a real server, made while people type, has every edit that was acked before it began', async () => {
  const clients = new Clients();
  await withServer({}, async (server) => {
    const random = seededRandom(seed);
    const typists = [0, 1, 2, 3].map((n) => new Typist(clients.connect(server.url), n, random));
    const acked = () => typists.map(({ ackedCount }) => ackedCount);
    const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);
    try {
      for (const typist of typists) typist.start();
      await until(() => sum(acked()) >= 200, '200 edits are acked');
      const before = acked();
      const to = server.folder.file('backup.db');
      const made = await runCommand(backup, ['--store', `sqlite:${server.storeFile}`, '--to', to]);
      expect(made).toMatchObject({ code: 0, stderr: '' });
      // People typed on meanwhile, and the server saves that.
      await until(() => sum(acked()) >= sum(before) + 50, '50 edits more are acked');
      await server.kill();
      for (const typist of typists) typist.pause();

      const store = await SqliteStore.open(to);
      const id = parseDocumentId('acme/notes');
      const { head } = await store.open(id, 1);
      const doc = new Y.Doc();
      const snapshot = await store.readSnapshot(id);
      if (snapshot !== undefined) Y.applyUpdate(doc, snapshot.state);
      for (const { update } of await store.readLog(id, snapshot?.seq ?? 0, head)) Y.applyUpdate(doc, update);
      await store.close();
      const found = tokensOf(doc.getText('text').toString());
      const wrong = typists.flatMap(({ edits }, n) => wrongBy(found, edits, before[n] ?? 0));
      if (wrong.length > 0) throw new Error(`seed ${seed}: ${wrong.join('; ')}`);

      // The store of the killed server, by the command as it is called.
      const main = join(ROOT, 'dist/cli/main.js');
      const looked = spawnSync(process.execPath, [main, 'verify', '--store', `sqlite:${server.storeFile}`], {
        encoding: 'utf8',
      });
      expect(looked).toMatchObject({ status: 0, stderr: '' });
      expect(looked.stdout).toContain('everything is whole.');
    } finally {
      for (const typist of typists) typist.pause();
      clients.destroy();
    }
  });
});
