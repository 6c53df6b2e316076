import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ProblemKind } from '../../../load/messages.js';
import { freshDocuments, planFor, withLoad } from '../../support/load-run.js';
import { type Lie, startLyingServer } from '../../support/lying-server.js';
import { PATIENCE_MS } from '../../support/patience.js';

/** Types into two documents, and looks at what the server made of it. */
async function problemsAt(lie: Lie | undefined) {
  const server = await startLyingServer(lie);
  try {
    let found: readonly { readonly kind: ProblemKind; readonly message: string }[] = [];
    await withLoad(async (load) => {
      const typing = { model: 'keys', charactersPerSecond: 120, thinkMs: 0, maxCharacters: 300 } as const;
      const documents = freshDocuments(2, 3, 2);
      await load.begin(planFor(server.urls, { protocol: 'y-websocket', typing, documents }));
      // It lies where there is some text already.
      await load.until(() => load.total('typed') > 300);
      const truth = await load.settle(3_000);
      server.close();
      const { problems, checked } = await load.check(truth, lie === 'closes' ? 600 : PATIENCE_MS);
      expect(checked).toMatchObject({ documents: 2, clients: 6, freshReads: lie === 'closes' ? 0 : 4 });
      found = problems;
    });
    return { found, lies: server.lies };
  } finally {
    await server.stop();
  }
}

/** Two processes at an address each, who type into one document; the first one reads it again. */
async function problemsOfTwo(lie: Lie | undefined) {
  const server = await startLyingServer(lie);
  const [document] = freshDocuments(1, 5, 4);
  const [first = '', second = ''] = server.urls;
  if (document === undefined) throw new Error('no document');
  const plan = planFor([first], {
    protocol: 'y-websocket',
    typing: { model: 'keys', charactersPerSecond: 120, thinkMs: 0, maxCharacters: 300 },
  });
  try {
    const found: string[] = [];
    await withLoad((one) =>
      withLoad(async (other) => {
        await Promise.all([
          one.begin({ ...plan, documents: [{ ...document, clients: [0, 4] }] }),
          other.begin({
            ...plan,
            targets: [{ url: second }],
            documents: [{ ...document, clients: [1, 2, 3] }],
          }),
        ]);
        await one.until(() => one.total('typed') > 100);
        await other.until(() => other.total('typed') > 300);
        // Those lies are told underway.
        await other.until(() => server.lies > 0 || (lie !== 'moves' && lie !== 'moves for one'));
        const truth = (await Promise.all([one.settle(3_000), other.settle(3_000)])).flat();
        server.close();
        for (const { problems } of await Promise.all([one.check(truth), other.check(truth)]))
          found.push(...problems.map(({ kind, message }) => `${kind}: ${message}`));
      }),
    );
    return { found, lies: server.lies };
  } finally {
    await server.stop();
  }
}

const LIES: readonly [Lie, ProblemKind, RegExp][] = [
  ['drops', 'differs', /client \d at http:.* (lacks \d+ of|waits for|still has)/],
  ['alters', 'not-typed', /client \d at http:.* has another text than its author wrote: .*clock \d/],
  ['injects', 'not-typed', /clientID that nobody has|nobody has typed under it/],
  [
    'deletes',
    'gone',
    /client \d at http:\S+ has \d+ characters? of client \d deleted, which nobody has deleted/,
  ],
  ['is late', 'differs', /read again at http:|shows something else at http:/],
  ['adds', 'not-typed', /nobody has typed under it/],
  ['closes', 'unreadable', /could not be read again at http:/],
];

describe('servers that do something wrong', () => {
  const results = new Map<Lie | undefined, Awaited<ReturnType<typeof problemsAt>>>();

  beforeAll(async () => {
    const all = [undefined, ...LIES.map(([lie]) => lie)];
    await Promise.all(all.map(async (lie) => results.set(lie, await problemsAt(lie))));
  });

  test('[LOADGEN9] nothing is found where nothing is wrong', () => {
    expect(results.get(undefined)?.found).toEqual([]);
  });

  test.each(LIES)(
    '[LOADGEN9] it is found when the server %s, and the sentence names the place',
    (lie, kind, says) => {
      const { found = [], lies = 0 } = results.get(lie) ?? {};
      if (lie !== 'closes') expect(lies).toBeGreaterThan(0);
      const fitting = found.filter((problem) => problem.kind === kind && says.test(problem.message));
      if (fitting.length === 0) throw new Error(`nothing of that among ${JSON.stringify(found)}`);
      // Nothing is there that nobody typed, and all have lost the same.
      if (lie === 'deletes') expect(new Set(found.map((problem) => problem.kind))).toEqual(new Set(['gone']));
      for (const { message } of found) expect(message).toMatch(/load\/run-\d+-\d+-\d/);
    },
  );
});

describe('servers that show somebody else’s text in another place', () => {
  test.concurrent.each([
    [
      'moves',
      /^not-typed: In load\/\S+ characters of client 0 \(clientID \d+\) were shown in another place than he put them\.$/,
    ],
    ['moves for one', /^not-typed: .* stands in another place than others were shown it: .*\(client 0\)/],
    [
      'swaps',
      /^not-typed: .* read again at http:\S+: characters of client [23] .* stand in another place than he put them\.$/,
    ],
  ] as const)('[LOADGEN20] it is found when the server %s', async (lie, says) => {
    const { found, lies } = await problemsOfTwo(lie);
    expect(lies).toBeGreaterThan(0);
    expect(found).toContainEqual(expect.stringMatching(says));
  });

  test.concurrent('[LOADGEN20] nothing is found where all of it stands where it was put', async () => {
    expect(await problemsOfTwo(undefined)).toEqual({ found: [], lies: 0 });
  });
});
