import { describe, expect, test } from '@jest/globals';
import { Encoder, PacketType } from 'socket.io-parser';
import * as Y from 'yjs';
import { coscribe } from '../../../load/wire/coscribe.js';
import type { Conversation } from '../../../load/wire/protocol.js';
import { encodeFrame, encodeUpdateList } from '../../../shared/frames.js';
import { caretOf } from '../../support/carets.js';
import { Clients, textOf, type } from '../../support/clients.js';
import { RecordingEvents, RecordingLine } from '../../support/recording-line.js';
import { DOCUMENT, withBench } from '../../support/server-under-test.js';
import { until } from '../../support/until.js';

const NAMESPACE = '/docs/acme/notes';
const U = Uint8Array.of(0, 0);

/** Packets of a server, as Socket.IO encodes them. */
class Server {
  readonly line = new RecordingLine();
  readonly events = new RecordingEvents();
  readonly conversation: Conversation;

  constructor(known?: { stateVector: Uint8Array; generation: string; seq: number }) {
    const request = { document: 'acme/notes', clientId: 7, ...(known === undefined ? {} : { known }) };
    this.conversation = coscribe.begin(this.line, request, this.events);
    this.conversation.text(Buffer.from('0{"sid":"x"}'));
    this.packet(PacketType.CONNECT, { sid: 'y' });
  }

  packet(kind: PacketType, data: unknown, id?: number): void {
    const packet = { type: kind, nsp: NAMESPACE, data, ...(id === undefined ? {} : { id }) };
    for (const part of new Encoder().encode(packet)) {
      if (typeof part === 'string') this.conversation.text(Buffer.from(`4${part}`));
      else this.conversation.binary(Buffer.from(part));
    }
  }

  joins(generation: string, head: number): void {
    const reply = { ok: true, generation, head, content: encodeUpdateList([U]), awareness: new Uint8Array() };
    this.packet(PacketType.ACK, [reply], 0);
  }

  frame(from: number, count: number): void {
    const updates = Array.from({ length: count }, () => U);
    this.packet(PacketType.EVENT, ['updates', Buffer.from(encodeFrame({ from, updates }))]);
  }

  commits(id: number, seq: number): void {
    this.packet(PacketType.ACK, [{ ok: true, seq }], id);
  }

  /** `generation` and `seq` of the joins that were asked for since the last call. */
  get asked(): unknown[] {
    const joins = this.line.take().filter((one) => typeof one === 'string' && one.includes('"join"'));
    return joins.map((one) => {
      const [, { generation, seq }] = JSON.parse(String(one).slice(String(one).indexOf('['))) as [
        string,
        { generation?: string; seq?: number },
      ];
      return { generation, seq };
    });
  }
}

describe('our own protocol', () => {
  test('[BENCH20] generator and library type into one document, and all copies end equal', async () => {
    await withBench('coscribe', async (bench) => {
      const library = new Clients();
      try {
        const person = library.connect(bench.url, { document: DOCUMENT });
        const one = await bench.join();
        const two = await bench.join();
        for (let i = 0; i < 30; i++) {
          one.type('a');
          two.type('b');
          type(person, 'c');
          if (i % 10 === 0) await new Promise(setImmediate);
        }
        const equal = (): boolean => one.text === two.text && two.text === textOf(person);
        await until(() => one.text.length === 90 && equal(), 'equal copies');
        await until(() => one.acks.length === 30 && two.acks.length === 30, 'the acknowledgements');
        expect(one.acks).toEqual([...Array(30).keys()]);

        const missed = {
          generation: one.place?.generation ?? '',
          seq: one.place?.seq ?? 0,
          stateVector: Y.encodeStateVector(one.doc),
        };
        const late = await bench.join();
        expect(late.text).toBe(one.text);
        const since = { ...missed, generation: late.place?.generation ?? '', seq: late.place?.seq ?? 0 };
        late.close();
        one.type('!');
        await until(() => two.text.endsWith('!'), 'the last edit');
        const back = await bench.join(since);
        expect(await back.opened).toBeLessThan(30);
        expect([...one.failures, ...two.failures, ...late.failures, ...back.failures]).toEqual([]);
      } finally {
        library.destroy();
      }
    });
  });

  test('[BENCH20] carets are seen both ways', async () => {
    await withBench('coscribe-memory', async (bench) => {
      const library = new Clients();
      try {
        const person = library.connect(bench.url, { document: DOCUMENT });
        const client = await bench.join();
        const id = client.doc.clientID;
        client.sendAwareness(caretOf(client.doc, 'Bench'));
        await until(() => person.awareness.getStates().has(id), 'the caret at the library');
        person.awareness.setLocalStateField('user', { name: 'Ada', color: '#112233' });
        await until(
          () => client.awarenessUpdates.some((bytes) => Buffer.from(bytes).includes('Ada')),
          'the caret at the generator',
        );
      } finally {
        library.destroy();
      }
    });
  });

  test('[BENCH20] a returning client names what it has', () => {
    const server = new Server({ stateVector: Uint8Array.of(0), generation: 'g', seq: 5 });
    const sent = server.line.take();
    expect(sent[0]).toBe(`40${NAMESPACE},{"protocol":1}`);
    expect(sent[1]).toMatch(/^451-\/docs\/acme\/notes,0\["join",.*"generation":"g","seq":5/);
    expect(sent[2]).toEqual(Uint8Array.of(0));
  });

  test('[BENCH20] after "resync" and after a gap it joins again with all that it has', () => {
    const server = new Server();
    expect(server.asked).toEqual([{}]);
    server.joins('g', 4);
    server.frame(5, 2);
    // Own updates are not in frames: 8 is known before 7 is.
    server.conversation.sendUpdate(U, 100);
    server.commits(1, 8);
    server.frame(7, 1);
    server.packet(PacketType.EVENT, ['resync', { code: 'too-slow' }]);
    expect(server.asked).toEqual([{ generation: 'g', seq: 8 }]);
    server.joins('g', 9);
    server.frame(11, 1);
    expect(server.asked).toEqual([{ generation: 'g', seq: 9 }]);
    expect(server.events).toMatchObject({ acks: [100], failures: [] });
    expect(server.events.received).toHaveLength(3);
    expect(server.events.joins.map(({ place }) => place)).toEqual([
      { generation: 'g', seq: 4 },
      { generation: 'g', seq: 9 },
    ]);
  });

  test.each([
    [
      'a refused join',
      PacketType.ACK,
      [{ ok: false, error: { code: 'generation-changed' } }],
      0,
      'join: gen',
    ],
    [
      'a refused update',
      PacketType.ACK,
      [{ ok: false, error: { code: 'update-refused' } }],
      1,
      'update: upd',
    ],
    ['an answer too many', PacketType.ACK, [{ ok: true, seq: 1 }], 9, 'nobody asked'],
    ['a refused connection', PacketType.CONNECT_ERROR, { message: 'no' }, undefined, 'no'],
    [
      'a goodbye',
      PacketType.EVENT,
      ['bye', { code: 'shutting-down', message: '' }, 5],
      undefined,
      'shutting',
    ],
    [
      'a refused caret',
      PacketType.EVENT,
      ['refused', { code: 'not-joined', message: '' }],
      undefined,
      'not-jo',
    ],
  ])('[BENCH20] %s is a failure', (_, kind, data, id, reason) => {
    const server = new Server();
    server.conversation.sendUpdate(U, 1);
    server.packet(kind, data, id);
    expect(server.events.failures).toEqual([expect.stringContaining(reason)]);
  });
});
