import { buffer } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { exportWorkspace } from '../../../../server/http/archive/export-workspace.js';
import { streamOf } from '../../../../server/http/archive/stream-of.js';
import type { DocumentSummary } from '../../../../server/storage/store.js';
import { CoscribeError } from '../../../../shared/errors.js';
import { parseDocumentId } from '../../../../shared/ids.js';
import { readArchive } from '../../../support/archives.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { randomBytes, seededRandom } from '../../../support/random.js';
import { until } from '../../../support/until.js';

/** Does not get smaller. */
const STATE = randomBytes(seededRandom(1), 300_000);
/** Of what was read, so much may be under way to whoever takes it. */
const BUFFERED = 300_000;

/** A workspace of so many documents, which can be read after so many attempts. */
function workspace(count: number, attempts = 1) {
  const views: string[] = [];
  const letGo: string[] = [];
  const clock = new ManualClock();
  async function* documents(): AsyncGenerator<DocumentSummary> {
    for (let at = 0; at < count; at++)
      yield { id: parseDocumentId(`acme/d${at}`), head: 1, createdAt: 0, updatedAt: 0 };
  }
  const archive = exportWorkspace({
    workspace: 'acme',
    documents: documents(),
    admit: async () => {},
    copies: {
      letGo: (id) => void letGo.push(id),
      async view(id, view) {
        views.push(`${id} ${view.as}`);
        if (views.length < attempts) throw new CoscribeError('server-busy');
        return { generation: 'g', seq: 1, body: view.as === 'state' ? STATE : Buffer.from(view.as) };
      },
    },
    clock,
    random: () => 0.5,
  });
  return { views, letGo, archive, clock };
}

test('[ARCH4] a document is read when what was before it has been taken', async () => {
  const { views, letGo, archive, clock } = workspace(20);
  const ends: unknown[] = [];
  const reader = streamOf(archive, clock, (error) => ends.push(error)).getReader();
  let taken = 0;
  const atMost = (bytes: number) => Math.ceil((bytes + BUFFERED) / STATE.length);
  while (taken < 4 * STATE.length) {
    taken += (await reader.read()).value?.length ?? 0;
    expect(new Set(views.map((view) => view.split(' ')[0])).size).toBeLessThanOrEqual(1 + atMost(taken));
  }
  expect(letGo).toEqual([...new Set(views.map((view) => view.split(' ')[0]))].slice(0, letGo.length));
  expect(letGo.length).toBeGreaterThan(2);
  await reader.cancel();
  const before = views.length;
  await until(() => archive.closed, 'the end');
  expect(views.length).toBeLessThanOrEqual(before + 1);
  expect(ends).toEqual([undefined]);
});

test('[ARCH4] whoever takes nothing for a minute is taken for gone', async () => {
  const { archive, clock } = workspace(1);
  const ends: unknown[] = [];
  const reader = streamOf(archive, clock, (error) => ends.push(error)).getReader();
  for (let left = 2; left > 0; left--) {
    await reader.read();
    clock.advance(59_000);
  }
  expect(ends).toEqual([]);
  clock.advance(1_000);
  expect(ends).toEqual([expect.objectContaining({ code: 'too-slow' })]);
  expect(archive.destroyed).toBe(true);
  // The connection is cut off then, and with it the reading.
  await reader.cancel();
  expect(ends).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

test('[ARCH3] what cannot be read for a passing reason is tried again', async () => {
  const { views, archive, clock } = workspace(1, 4);
  const all = buffer(archive);
  for (let attempt = 1; attempt < 4; attempt++) {
    while (views.length < attempt || clock.pending === 0)
      await new Promise((resolve) => setImmediate(resolve));
    clock.advance(2_000);
  }
  const bytes = await all;
  expect(views).toHaveLength(5);
  expect(readArchive(bytes).manifest.documents).toMatchObject([{ name: 'd0', seq: 1 }]);
});
