import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type DocumentId, parseDocumentId } from '../../../shared/ids.js';
import type { Random } from '../../../shared/time.js';
import { BusHub } from '../../support/bus-hub.js';
import { Person } from '../../support/document-node.js';
import {
  type Ask,
  type HttpAnswer,
  type HttpApp,
  ListedStore,
  startHttpApp,
} from '../../support/http-app.js';
import { between, forSeedsInTurn } from '../../support/seeds.js';
import { until } from '../../support/until.js';

const store = new ListedStore();
let nodes: readonly [HttpApp, HttpApp];
let id: DocumentId;
let documents = 0;

beforeAll(async () => {
  const hub = new BusHub();
  const limits = { maxRequestsPerSecond: 100_000, requestBurst: 100_000 };
  const start = (name: string) => startHttpApp({ store, bus: hub.node(name), limits });
  nodes = await Promise.all([start('one'), start('two')]);
});
afterAll(async () => {
  for (const node of nodes) await node.close();
});
beforeEach(() => {
  id = parseDocumentId(`acme/shared-${++documents}`);
});

const send = (node: HttpApp, method: string, more: Ask = {}, tail = 'text'): Promise<HttpAnswer> =>
  node.ask(`/api/documents/${id}/${tail}`, { method, ...more });
const both = <T>(work: (node: HttpApp, at: number) => Promise<T>, times: number): Promise<T[]> =>
  Promise.all(Array.from({ length: 2 * times }, (_, at) => work(at % 2 === 0 ? nodes[0] : nodes[1], at)));

describe('on two nodes', () => {
  test('[API22] of many who change the same version at once, one does', async () => {
    const tag = (await send(nodes[0], 'PUT', { text: 'nobody' })).headers.etag ?? '';
    const headers = { 'If-Match': tag };
    const answers = await both((node, at) => send(node, 'PUT', { text: `number ${at}`, headers }), 5);
    const won = answers.flatMap(({ status }, at) => (status === 200 ? [at] : []));
    expect(won).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(9);
    for (const node of nodes) {
      const settled = async () => (await send(node, 'GET')).text === `number ${won[0]}`;
      while (!(await settled())) await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await store.positions([id])).get(id)?.head).toBe(2);
  });

  test('[API23] what comes to both with the same key is made once', async () => {
    const headers = { 'Idempotency-Key': 'to-both' };
    const answers = await both((node) => send(node, 'POST', { text: 'once\n', headers }), 4);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect((await store.positions([id])).get(id)?.head).toBe(1);
  });

  test('[API17] that the content is another one is known at once on every node', async () => {
    const tag = (await send(nodes[0], 'PUT', { text: 'a' })).headers.etag ?? '';
    const headers = { 'If-None-Match': tag };
    expect((await send(nodes[1], 'GET', { headers })).status).toBe(304);
    await send(nodes[0], 'PUT', { text: 'b' });
    expect((await send(nodes[1], 'HEAD', { headers })).status).toBe(200);
  });

  test('[API26] who types, and requests to either node, meet in one text', async () => {
    await forSeedsInTurn(3, 'tests/server/http/nodes', async (random) => {
      id = parseDocumentId(`acme/shared-${++documents}`);
      await send(nodes[0], 'PUT', { text: 'begin\n' });
      const people = nodes.map((_, at) => new Person(`the secret of person number ${at}`));
      for (const [at, person] of people.entries())
        await person.join(nodes[at]?.documents ?? nodes[0].documents, {}, id);
      const lines: string[] = [];
      const working: Promise<unknown>[] = [];
      for (let turn = 0; turn < 30; turn++) {
        working.push(oneEdit(random, turn, people, lines));
        if (random() < 0.5) await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(working);
      const shown = (): string[] =>
        people.map((person) => {
          person.catchUp();
          return person.text;
        });
      await until(() => new Set(shown()).size === 1, 'everybody to see the same');
      const [text = ''] = shown();
      // Each line as often as it was answered: a change that was refused has left nothing.
      for (const line of lines) expect(text.split(line)).toHaveLength(2);
      const read = await Promise.all(nodes.map((node) => send(node, 'GET')));
      expect(read.map((answer) => answer.text)).toEqual([text, text]);
      for (const { session } of people) session.leave();
    });
  });

  /** Somebody types, or a request to one of the nodes. Every line is one of its own. */
  async function oneEdit(
    random: Random,
    turn: number,
    people: readonly Person[],
    lines: string[],
  ): Promise<void> {
    const line = `<${turn}>`;
    const node = nodes[between(random, 0, 1)] ?? nodes[0];
    const kind = between(random, 0, 3);
    if (kind === 0) {
      const person = people[between(random, 0, 1)];
      const outcome = await person?.type(line);
      if (typeof outcome === 'number') lines.push(line);
      return;
    }
    const answer = await (kind === 1
      ? send(node, 'POST', { text: line })
      : kind === 2
        ? send(node, 'PATCH', { json: [{ insert: line }] })
        : send(node, 'POST', {
            text: line,
            headers: { 'If-Match': (await send(node, 'HEAD')).headers.etag ?? '' },
          }));
    expect([200, 412]).toContain(answer.status);
    if (answer.status === 200) lines.push(line);
  }
});
