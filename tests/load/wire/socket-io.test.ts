import { beforeEach, describe, expect, test } from '@jest/globals';
import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser';
import {
  type NamespaceEvents,
  PLACEHOLDER,
  SocketIoNamespace,
  withBytes,
} from '../../../load/wire/socket-io.js';
import { RecordingLine } from '../../support/recording-line.js';

const BYTES = Uint8Array.of(1, 2, 3);

class Told implements NamespaceEvents {
  readonly told: unknown[] = [];
  readonly failures: string[] = [];
  connected(): void {
    this.told.push('connected');
  }
  bytes(name: string, argument: Buffer): void {
    this.told.push([name, Uint8Array.from(argument)]);
  }
  event(name: string, args: readonly unknown[], id: number | undefined): void {
    this.told.push([name, args, id]);
  }
  answered(id: number, args: readonly unknown[]): void {
    this.told.push([id, args]);
  }
  failed(reason: string): void {
    this.failures.push(reason);
  }
}

let line: RecordingLine;
let events: Told;

beforeEach(() => {
  line = new RecordingLine();
  events = new Told();
});

function namespace(name: string): SocketIoNamespace {
  return new SocketIoNamespace(
    line,
    { namespace: name, auth: { token: 't' }, byteEvents: ['fast', 'other'] },
    events,
  );
}

/** What Socket.IO's own parser makes of what was sent. */
function sentPackets(): Packet[] {
  const packets: Packet[] = [];
  const decoder = new Decoder();
  decoder.on('decoded', (packet: Packet) => packets.push(packet));
  for (const part of line.take())
    decoder.add(typeof part === 'string' ? part.replace(/^4/, '') : Buffer.from(part));
  return packets;
}

describe.each(['/', '/docs/acme/notes'])('the namespace %s', (nsp) => {
  /** Lets the namespace read a packet as Socket.IO's own parser writes it. */
  function receive(subject: SocketIoNamespace, packet: Omit<Packet, 'nsp'>): void {
    for (const part of new Encoder().encode({ ...packet, nsp })) {
      if (typeof part === 'string') subject.text(Buffer.from(`4${part}`));
      else subject.binary(Buffer.from(part));
    }
  }

  test("[BENCH22] reads what Socket.IO's own parser writes", () => {
    const subject = namespace(nsp);
    receive(subject, { type: PacketType.CONNECT, data: { sid: 's' } });
    receive(subject, { type: PacketType.EVENT, data: ['fast', Buffer.from(BYTES)] });
    receive(subject, { type: PacketType.EVENT, data: ['other', Buffer.from(BYTES)] });
    receive(subject, { type: PacketType.EVENT, data: ['fast', Buffer.from(BYTES), 'more'] });
    receive(subject, { type: PacketType.EVENT, data: ['fast', 'no bytes'] });
    receive(subject, { type: PacketType.EVENT, data: ['asks', { a: [1, null] }], id: 12 });
    receive(subject, { type: PacketType.ACK, data: [{ ok: true }], id: 3 });
    const two = { first: Buffer.from(BYTES), rest: [Buffer.from([9]), null] };
    receive(subject, { type: PacketType.ACK, data: [two], id: 4 });
    expect(events.failures).toEqual([]);
    expect(events.told).toEqual([
      'connected',
      ['fast', BYTES],
      ['other', BYTES],
      ['fast', [Buffer.from(BYTES), 'more'], undefined],
      ['fast', ['no bytes'], undefined],
      ['asks', [{ a: [1, null] }], 12],
      [3, [{ ok: true }]],
      [4, [two]],
    ]);
  });

  test("[BENCH22] writes what Socket.IO's own parser reads", () => {
    const subject = namespace(nsp);
    subject.text(Buffer.from('0{"sid":"x"}'));
    subject.emit('["plain",1]');
    subject.emit('["asks"]', 5);
    subject.emitBytes(withBytes('one', 'live'), BYTES, 6);
    subject.emitBytes(JSON.stringify(['nested', { at: PLACEHOLDER }]), BYTES);
    subject.answerBytes(7, BYTES);
    const bytes = Buffer.from(BYTES);
    expect(sentPackets()).toMatchObject([
      { nsp, type: PacketType.CONNECT, data: { token: 't' } },
      { nsp, type: PacketType.EVENT, data: ['plain', 1] },
      { nsp, type: PacketType.EVENT, data: ['asks'], id: 5 },
      { nsp, type: PacketType.EVENT, data: ['one', bytes, 'live'], id: 6 },
      { nsp, type: PacketType.EVENT, data: ['nested', { at: bytes }] },
      { nsp, type: PacketType.ACK, data: [bytes], id: 7 },
    ]);
    expect(line.sent).toEqual([]);
  });
});

describe('Engine.IO', () => {
  test('[BENCH22] a ping is answered, and "nothing to say" is not', () => {
    const subject = namespace('/a');
    subject.text(Buffer.from('2'));
    subject.text(Buffer.from('6'));
    expect(line.sent).toEqual(['3']);
    expect(events.failures).toEqual([]);
  });

  test.each<[what: string, frames: (string | Uint8Array)[]]>([
    ['bytes that nothing announced', [BYTES]],
    ['text in place of bytes', ['451-/a,["fast",{"_placeholder":true,"num":0}]', '2']],
    ['text in place of bytes of a packet', ['451-/a,0["asks",{"_placeholder":true,"num":0}]', '2']],
    ['another namespace', ['42/b,["x"]']],
    ['a refusal', ['44/a,{"message":"no"}']],
    ['a goodbye', ['41/a,']],
    ['the end of Engine.IO', ['1']],
    ['what is no packet', ['hello']],
    ['a packet of no type', ['49/a,']],
  ])('[BENCH22] %s is a failure', (_, frames) => {
    const subject = namespace('/a');
    for (const frame of frames) {
      if (typeof frame === 'string') subject.text(Buffer.from(frame));
      else subject.binary(Buffer.from(frame));
    }
    expect(events.failures).toHaveLength(1);
    expect(events.told).toEqual([]);
  });

  test.each([
    ['{"message":"no"}', 'no'],
    ['{"message":"It is full.","data":{"code":"server-busy","retryable":true}}', 'It is full. (server-busy)'],
    ['{"data":{"code":"server-busy"}}', 'server-busy'],
    ['"go away"', '"go away"'],
    ['{}', '{}'],
  ])('[LOADGEN18] what a server says when it refuses a client is told in its words: %s', (json, words) => {
    namespace('/a').text(Buffer.from(`44/a,${json}`));
    expect(events.failures).toEqual([`the server refused the client: ${words}`]);
  });
});
