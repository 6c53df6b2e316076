import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as Y from 'yjs';
import { parseDocumentId } from '../../shared/ids.js';
import { type GatewayServer, startGateway } from '../support/gateway-server.js';
import { RawClient } from '../support/raw-client.js';
import { RawWebSocket } from '../support/raw-websocket.js';
import { until } from '../support/until.js';

const DOCUMENT = 'acme/notes';
const NS = `/docs/${DOCUMENT}`;
const KEY = 'the key of them all';
const ROWS = 10_000;
/** How often each property is tried, with up to so many steps. */
const RUNS = 400;
const MOST_STEPS = 25;

/** `SEED` and `FC_PATH`, as fast-check prints them, run a failure again. */
const AGAIN: fc.Parameters<unknown> = {
  numRuns: RUNS,
  ...(process.env.SEED !== undefined && { seed: Number(process.env.SEED) }),
  ...(process.env.FC_PATH !== undefined && { path: process.env.FC_PATH }),
};

const STATS = { due: 0, closed: 0 };
let server: GatewayServer;
let neighbour: RawClient;
const rejections: unknown[] = [];
const onRejection = (reason: unknown): void => void rejections.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', onRejection);
  server = await startGateway();
  neighbour = await RawClient.joined(server.url);
});

afterAll(async () => {
  neighbour.close();
  await server.stop();
  process.off('unhandledRejection', onRejection);
});

type Bytes = { readonly bytes: Uint8Array<ArrayBuffer> };

/** One step of somebody who means harm. */
type Step = { readonly do: 'leave' | 'breathe' } | Saying;

interface Saying {
  readonly do: 'say';
  readonly event: string;
  readonly args: readonly unknown[];
  /** Whether an answer is asked for. */
  readonly asks: boolean;
}

const number = fc.oneof(fc.constantFrom(-1, 0, 7, 9, 1.5, 2 ** 31, 2 ** 32, 2 ** 53), fc.nat(), fc.double());
const word = fc.oneof(
  fc.constantFrom('', KEY, 'live', 'catch-up', '__proto__', '0:00', 'x'.repeat(70), 't'.repeat(9_000)),
  fc.string(),
);
const bytes: fc.Arbitrary<Bytes> = fc.oneof(
  fc
    .constantFrom([0, 0], [1, 1, 7, 0], [0], [], [0, 1, 7, 1, 0, 1])
    .map((all) => ({ bytes: Uint8Array.from(all) })),
  fc.uint8Array({ maxLength: 40 }).map((all) => ({ bytes: Uint8Array.from(all) })),
);
const deep = fc
  .integer({ min: 1, max: 60 })
  .map((depth) => Array.from({ length: depth }).reduce<unknown>((inside) => [inside], null));
const anything = fc.oneof(
  number,
  word,
  bytes,
  deep,
  fc.jsonValue(),
  fc.constant({ _placeholder: true, num: 0 }),
);

const request = fc.record(
  {
    clientId: fc.oneof({ weight: 3, arbitrary: fc.constant(7) }, anything),
    clientKey: fc.oneof({ weight: 3, arbitrary: fc.constant(KEY) }, anything),
    generation: anything,
    seq: anything,
    stateVector: anything,
  },
  { requiredKeys: ['clientId', 'clientKey'] },
);
const say = (event: string, ...args: fc.Arbitrary<unknown>[]): fc.Arbitrary<Step> =>
  fc.record({
    do: fc.constant('say' as const),
    event: fc.constant(event),
    // Often as they are due, else too many, too few, or others.
    args: fc.oneof({ weight: 3, arbitrary: fc.tuple(...args) }, fc.array(anything, { maxLength: 4 })),
    asks: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
  });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ do: 'leave' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'breathe' as const }) },
  { weight: 4, arbitrary: say('join', request) },
  { weight: 1, arbitrary: say('join', fc.constant({ clientId: 7, clientKey: KEY })) },
  { weight: 4, arbitrary: say('update', bytes, fc.constantFrom('live', 'catch-up')) },
  { weight: 2, arbitrary: say('awareness', bytes) },
  { weight: 2, arbitrary: say('token', word) },
  { weight: 2, arbitrary: say('diverged', number, word) },
  { weight: 1, arbitrary: say('__proto__', anything) },
  { weight: 1, arbitrary: say('updates', anything) },
);

/** Messages of ours that are answered. */
const ANSWERED = ['join', 'update', 'token'];

/** Takes the steps, and keeps account of what is to be answered. */
class Stranger {
  /** How many questions were asked: they have the numbers below. */
  asked = 0;
  private connected = false;
  /** Numbers of messages that must be answered unless the document is left or the connection ends. */
  readonly due = new Set<number>();

  constructor(readonly raw: RawWebSocket) {}

  async take(one: Step): Promise<void> {
    if (this.raw.closed) return;
    if (one.do === 'breathe') await new Promise((resolve) => setImmediate(resolve));
    else if (one.do === 'say') {
      // Whoever speaks in a namespace that he is not in loses his connection; that is not what is looked at here.
      await this.connect();
      this.say(one);
    } else if (this.connected) this.leave();
  }

  answersTo(number: number): number {
    const answer = new RegExp(`^4[36](\\d+-)?${NS},${number}\\[`);
    return this.raw.received.filter((frame) => typeof frame === 'string' && answer.test(frame)).length;
  }

  private async connect(): Promise<void> {
    if (this.connected) return;
    const before = this.connections;
    this.raw.send(`40${NS},{"protocol":1}`);
    await until(() => this.connections > before || this.raw.closed, 'the namespace');
    this.connected = true;
  }

  private get connections(): number {
    return this.raw.received.filter((frame) => typeof frame === 'string' && frame.startsWith(`40${NS},`))
      .length;
  }

  private leave(): void {
    this.raw.send(`41${NS},`);
    this.connected = false;
    this.due.clear();
  }

  private say({ event, args, asks }: Saying): void {
    const pieces: Uint8Array[] = [];
    const json = JSON.stringify([event, ...args], (_key, value: unknown) => {
      if (!isBytes(value)) return value;
      pieces.push(value.bytes);
      return { _placeholder: true, num: pieces.length - 1 };
    });
    const number = asks ? this.asked++ : undefined;
    // Socket.IO takes the callback for one argument more: only behind those that are due it is found.
    const due = event === 'update' ? 2 : 1;
    if (number !== undefined && ANSWERED.includes(event) && args.length === due) this.due.add(number);
    const type = pieces.length === 0 ? '42' : `45${pieces.length}-`;
    for (const frame of [`${type}${NS},${number ?? ''}${json}`, ...pieces]) this.raw.send(frame);
  }
}

function isBytes(value: unknown): value is Bytes {
  return typeof value === 'object' && value !== null && 'bytes' in value && value.bytes instanceof Uint8Array;
}

/** What the log holds, made into a document. @throws what Yjs throws */
async function replayed(): Promise<Y.Doc> {
  const id = parseDocumentId(DOCUMENT);
  const { generation } = await server.store.open(id, 0);
  const doc = new Y.Doc();
  for (const { update } of await server.store.readLog(id, 0, ROWS, generation)) Y.applyUpdate(doc, update);
  return doc;
}

test('[HOST3] whatever is said in whatever order: each question has one answer, or ends the connection', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: MOST_STEPS, size: 'max' }), async (steps) => {
      const stranger = new Stranger(await RawWebSocket.open(server.url));
      const { raw, due } = stranger;
      for (const one of steps) await stranger.take(one);
      await until(
        () => raw.closed || [...due].every((number) => stranger.answersTo(number) > 0),
        `an answer to each of ${[...due].join(', ')} in ${raw.text}`,
      );
      const asked = Array.from({ length: stranger.asked }, (_, number) => number);
      expect(asked.filter((number) => stranger.answersTo(number) > 1)).toEqual([]);
      expect(await neighbour.type('.')).toMatchObject({ ok: true });
      raw.terminate();
      STATS.due += due.size;
      STATS.closed += raw.closed ? 1 : 0;
    }),
    AGAIN,
  );
  expect(rejections).toEqual([]);
  expect(server.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
  expect(neighbour.refusals).toEqual([]);
});

test('[HOST3] nothing of it gets into the log, which is what the honest ones have typed', async () => {
  const doc = await replayed();
  expect(doc.getText('text').toString()).toBe(neighbour.text);
  expect(neighbour.text).toMatch(/^\.+$/);
  expect([...doc.store.clients.keys()]).toEqual([neighbour.doc.clientID]);
  expect(doc.store.pendingStructs).toBeNull();
});
