import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { startGenerator } from '../../../load/generator/start-generator.js';
import { Durations } from '../../../load/histogram.js';
import type { ProtocolName } from '../../../load/plan.js';
import { ServiceProcess } from '../../../tools/services/service-process.js';
import { temporaryFolder } from '../../support/folder.js';
import { freshDocuments, LoadRun, planFor, withLoad } from '../../support/load-run.js';
import { ROOT } from '../../support/project-files.js';
import { TestServer } from '../../support/server-process.js';
import { until } from '../../support/until.js';

describe('a generator against Coscribe', () => {
  const server = new TestServer();
  // Tests that run beside each other begin before `beforeAll` is done.
  let started: Promise<void> | undefined;
  const serving = (): Promise<void> => {
    started ??= server.start();
    return started;
  };
  afterAll(() => server.remove());

  test.concurrent('[LOADGEN10] a process of its own types, tells samples, settles, and finds everything as it should be', async () => {
    await serving();
    await withLoad(async (load) => {
      const plan = planFor([server.url], {
        documents: freshDocuments(3, 5, 3),
        churnPerSecond: 4,
        offline: { perMinute: 20, forMs: 200 },
        presencePerSecond: 2,
      });
      await load.begin(plan);
      await load.until(() => load.samples.length >= 3);
      const truth = await load.settle();
      const { problems, checked } = await load.check(truth);
      expect(problems).toEqual([]);
      expect(checked).toMatchObject({ documents: 3, clients: 15, freshReads: 3 });
      expect(checked.ackedEdits).toBeGreaterThan(100);
      await load.until(() => load.total('acked') >= checked.ackedEdits);
      expect(load.total('typed')).toBe(checked.ackedEdits);
      expect(load.total('delivered')).toBeGreaterThan(load.total('typed') / 2);
      // Somebody has come anew, and has written.
      expect(truth.flatMap(({ typists }) => typists).length).toBeGreaterThan(9);
      const [shown, ack] = [new Durations(), new Durations()];
      for (const { shownMs, ackMs } of load.samples) {
        shown.mergeEncoded(shownMs);
        ack.mergeEncoded(ackMs);
      }
      // What was typed without a network has no times, and on a busy machine it takes long to come back.
      expect(ack.count).toBeGreaterThan(0);
      expect(ack.count).toBeLessThanOrEqual(load.total('acked'));
      expect(shown.count).toBeGreaterThan(0);
      expect(shown.count).toBeLessThanOrEqual(load.total('delivered'));
      // The newest sample may still be about the time before.
      await load.until(() => load.samples.at(-1)?.joined === 15 && load.samples.at(-1)?.offline === 0);
      const last = load.samples.at(-1);
      expect(last).toMatchObject({ unacked: 0, errors: {} });
      expect(last?.rss).toBeGreaterThan(1_000_000);
    }, startGenerator());
  });

  test.concurrent('[LOADGEN10] two processes with clients of the same document hold each other’s writing against the truth of both', async () => {
    await serving();
    const [document] = freshDocuments(1, 6, 4);
    if (document === undefined) throw new Error('no document');
    await withLoad((one) =>
      withLoad(async (other) => {
        const plan = planFor([server.url]);
        await Promise.all([
          one.begin({ ...plan, documents: [{ ...document, clients: [0, 2, 4] }] }),
          other.begin({ ...plan, documents: [{ ...document, clients: [1, 3, 5] }] }),
        ]);
        await one.until(() => one.total('typed') > 0);
        const truth = (await Promise.all([one.settle(), other.settle()])).flat();
        const [a, b] = await Promise.all([one.check(truth), other.check(truth)]);
        expect([...a.problems, ...b.problems]).toEqual([]);
        expect([a.checked.freshReads, b.checked.freshReads]).toEqual([1, 0]);
        // With the truth of one alone, the other's writing is nobody's.
        const { problems } = await one.check(truth.slice(0, 1));
        expect(new Set(problems.map(({ kind }) => kind))).toEqual(new Set(['not-typed']));
      }),
    );
  });

  test.concurrent('[LOADGEN11] typists rest when they are told to, and go on', async () => {
    await serving();
    await withLoad(async (load) => {
      load.generator.send({ kind: 'typists', active: 0 });
      await load.begin(planFor([server.url]));
      // The first samples may be about the time before everybody was in.
      await load.until(() => load.samples.at(-1)?.joined === 8);
      expect(load.total('typed')).toBe(0);
      expect(load.samples.at(-1)?.typing).toBe(0);
      load.generator.send({ kind: 'typists', active: 1 });
      await load.until(() => load.total('typed') > 5);
      expect(load.samples.at(-1)?.typing).toBe(1);
      const truth = await load.settle();
      expect(truth.map(({ typists }) => typists.length)).toEqual([1, 0]);
    });
  });

  test.concurrent.each<[ProtocolName, string]>([
    ['y-websocket', '/yjs'],
    ['hocuspocus', '/hocuspocus'],
    ['y-socket.io', ''],
  ])('[LOADGEN12] clients of %s type here, go, come back, and have everything', async (protocol, path) => {
    await serving();
    await withLoad(async (load) => {
      const offline = { perMinute: 40, forMs: 100 };
      await load.begin(planFor([server.url + path], { protocol, churnPerSecond: 4, offline }));
      await load.until(() => load.total('delivered') > 100);
      const { problems, checked } = await load.check(await load.settle());
      expect(problems).toEqual([]);
      expect(checked.freshReads).toBe(2);
      expect(checked.ackedEdits > 0).toBe(protocol === 'hocuspocus');
    });
  });

  test.concurrent.each([
    ['where nobody listens', 'http://127.0.0.1:1', /http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/],
    ['at a web server', undefined, /HTTP\/1\.1 4\d\d/],
    ['at what is no address', 'ftp://127.0.0.1', /no http/],
  ])('[LOADGEN13] %s it says who was tried and what happened', async (_, url, says) => {
    await serving();
    const load = new LoadRun();
    const plan = planFor([url ?? `${server.url}/elsewhere`], { documents: freshDocuments(1, 1, 1) });
    await expect(load.begin(plan)).rejects.toThrow(says);
    load.generator.kill();
    expect(load.ended).toBe('killed');
  });
});

describe('a generator whose server is killed', () => {
  test.concurrent('[LOADGEN14] with a store nothing is lost, and everybody comes back', async () => {
    const server = new TestServer();
    try {
      await server.start();
      await withLoad(async (load) => {
        await load.begin(planFor([server.url]));
        await load.until(() => load.total('acked') > 20);
        await server.kill();
        await server.start();
        await load.until(() => load.total('reconnects') >= 8);
        const { problems, checked } = await load.check(await load.settle());
        expect(problems).toEqual([]);
        await load.until(() => load.total('acked') === checked.ackedEdits);
        const errors = new Set(load.samples.flatMap((sample) => Object.keys(sample.errors)));
        expect([...errors].every((name) => name.startsWith('connection: '))).toBe(true);
      });
    } finally {
      await server.remove();
    }
  });

  test.concurrent('[LOADGEN15] a server that acknowledges before edits are on disk is found out, whatever it tells clients', async () => {
    const folder = temporaryFolder();
    const main = join(ROOT, 'tests/support/early-acks-node.mjs');
    const store = ['--store', `sqlite:${folder.file('coscribe.db')}`];
    const start = (port: number): ServiceProcess =>
      new ServiceProcess({ command: process.execPath, args: [main, '--port', `${port}`, ...store] });
    let node = start(0);
    const url = async (): Promise<string> => {
      await until(() => node.stdout.includes('ready at'), 'the node');
      return /ready at (\S+)/.exec(node.stdout)?.[1] ?? '';
    };
    try {
      const address = await url();
      await withLoad(async (load) => {
        await load.begin(planFor([address]));
        await load.until(() => load.total('acked') > 20);
        await node.kill();
        node = start(Number(new URL(address).port));
        await url();
        await load.until(() => load.total('joins') >= 16);
        const { problems } = await load.check(await load.settle(1_000), 1_000);
        expect(problems[0]).toMatchObject({ kind: 'acked-lost' });
        expect(problems[0]?.message).toMatch(/load\/run-.*, read again at http.*acknowledged/);
      });
    } finally {
      await node.kill();
      folder.remove();
    }
  });

  test.concurrent('[LOADGEN15] what was never acknowledged is told, and so is a document that nobody can read', async () => {
    const server = new TestServer();
    try {
      await server.start();
      await withLoad(async (load) => {
        await load.begin(planFor([server.url]));
        await load.until(() => load.total('acked') > 20);
        await server.kill();
        await load.until(() => (load.samples.at(-1)?.unacked ?? 0) > 0);
        const { problems } = await load.check(await load.settle(200), 300);
        const kinds = new Set(problems.map(({ kind }) => kind));
        expect(kinds.has('unfinished') && kinds.has('unreadable')).toBe(true);
        expect(kinds.has('acked-lost') || kinds.has('not-typed')).toBe(false);
      });
    } finally {
      await server.remove();
    }
  });
});
