import { afterAll, expect, test } from '@jest/globals';
import { claims, JWT_FLAGS, jwt, tokenOf } from '../../support/jwt.js';
import { freshDocuments, type LoadRun, planFor, withLoad } from '../../support/load-run.js';
import { TestServer } from '../../support/server-process.js';

const OPERATOR = 'the-operator-of-a-test';
const server = new TestServer({ args: [...JWT_FLAGS, '--operator-token', OPERATOR] });

// Tests that run beside each other begin before `beforeAll` is done.
let started: Promise<void> | undefined;
function serving(): Promise<void> {
  started ??= server.start();
  return started;
}

afterAll(() => server.remove());

/** So quick that there is always something on its way. */
const typing = { model: 'steady', charactersPerSecond: 400, thinkMs: 0, maxCharacters: 100_000 } as const;

const denied = (load: LoadRun): Readonly<Record<string, number>> => load.samples.at(-1)?.denied ?? {};

/** As an operator: asks the server's interface for operators. */
async function admin(path: string, method = 'GET'): Promise<Response> {
  const headers = { authorization: `Bearer ${OPERATOR}` };
  const answer = await fetch(`${server.url}/api/admin/${path}`, { method, headers });
  expect(answer.status).toBeLessThan(300);
  return answer;
}

test.concurrent('[LOADGEN21] whose session an operator ends types no more, and what he had not been told is saved is not missed', async () => {
  await serving();
  await withLoad(async (load) => {
    const documents = freshDocuments(1, 4, 4);
    const token = tokenOf('ann', undefined, { access: { 'load/*': 'editor' } });
    await load.begin(planFor([server.url], { token, typing, documents }));
    await load.until(() => load.total('acked') > 300);
    const path = `documents/${documents[0]?.name}`;
    const { sessions } = (await (await admin(path)).json()) as { sessions: { id: string }[] };
    expect(sessions).toHaveLength(4);
    await admin(`sessions/${sessions[0]?.id}`, 'DELETE');
    await load.until(() => denied(load)['no-access'] === 1);
    await load.until(() => load.samples.at(-1)?.typing === 3);
    const { problems, checked } = await load.check(await load.settle());
    expect(problems).toEqual([expect.objectContaining({ kind: 'refused' })]);
    expect(problems[0]?.message).toMatch(
      /^In load\/\S+ client \d at http:\S+ was refused for good \(no-access\)(; \d+ of the \d+ edits that it made were not acknowledged)?\.$/,
    );
    expect(checked).toMatchObject({ clients: 3, freshReads: 1 });
  });
});

test.concurrent('[LOADGEN21] whose token ends is counted as refused for good, by its code', async () => {
  await serving();
  await withLoad(async (load) => {
    const exp = Math.floor(Date.now() / 1_000) + 4;
    const token = jwt(claims({ exp, access: { 'load/*': 'editor' } }));
    await load.begin(planFor([server.url], { token, documents: freshDocuments(1, 3, 2) }));
    expect(denied(load)).toEqual({});
    await load.until(() => denied(load)['token-expired'] === 3);
    const { problems } = await load.check(await load.settle(), 500);
    expect(new Set(problems.map(({ kind }) => kind))).toEqual(new Set(['refused', 'unreadable']));
  });
});
