import { describe, expect, test } from '@jest/globals';
import { Encoder, PacketType } from 'socket.io-parser';
import { ySocketIo } from '../../../load/wire/y-socket-io.js';
import { RecordingEvents, RecordingLine } from '../../support/recording-line.js';

const NAMESPACE = '/yjs|bench/notes';
const STATE_VECTOR = Uint8Array.of(1, 7, 3);
const CONTENT = Uint8Array.of(0, 0);

/** The server's part, packet by packet as Socket.IO encodes it. */
class Server {
  readonly line = new RecordingLine();
  readonly events = new RecordingEvents();
  readonly conversation;

  constructor(known?: { stateVector: Uint8Array; generation: string; seq: number }) {
    const request = { document: 'bench/notes', clientId: 7, ...(known === undefined ? {} : { known }) };
    this.conversation = ySocketIo.begin(this.line, request, this.events);
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

  event(name: string, bytes: Uint8Array, id?: number): void {
    this.packet(PacketType.EVENT, [name, Buffer.from(bytes)], id);
  }
}

describe('y-socket.io', () => {
  test('[BENCH24] it answers the question for its part, asks for the rest, and has joined when that comes', () => {
    const server = new Server({ stateVector: STATE_VECTOR, generation: '', seq: 0 });
    expect(server.line.take()).toEqual([
      `40${NAMESPACE},{}`,
      `451-${NAMESPACE},0["sync-step-1",{"_placeholder":true,"num":0}]`,
      STATE_VECTOR,
    ]);
    server.event('sync-step-1', Uint8Array.of(0), 4);
    expect(server.line.take()).toEqual([
      `461-${NAMESPACE},4[{"_placeholder":true,"num":0}]`,
      Uint8Array.of(0, 0),
      `451-${NAMESPACE},1["sync-step-1",{"_placeholder":true,"num":0}]`,
      STATE_VECTOR,
    ]);
    expect(server.events.joins).toEqual([]);
    server.packet(PacketType.ACK, [Buffer.from(CONTENT)], 1);
    expect(server.events.joins).toEqual([{ content: [CONTENT], place: undefined }]);
    // The first question was heard after all.
    server.packet(PacketType.ACK, [Buffer.from(CONTENT)], 0);
    expect(server.events).toMatchObject({ joins: { length: 1 }, received: [CONTENT] });
  });

  test('[BENCH24] content that the server sends to everybody while it loads is what the client joins with', () => {
    const server = new Server();
    server.event('sync-update', CONTENT);
    server.event('sync-step-1', Uint8Array.of(0), 0);
    expect(server.events.joins).toEqual([{ content: [CONTENT], place: undefined }]);
    expect(server.line.sent.filter((one) => String(one).includes('sync-step-1'))).toHaveLength(1);
    // Another copy of the document that the server loaded at the same time: answered, and nothing more.
    server.event('sync-step-1', Uint8Array.of(0), 1);
    expect(server.events).toMatchObject({ joins: { length: 1 }, received: [], failures: [] });
  });

  test('[BENCH24] edits and carets go both ways', () => {
    const server = new Server();
    server.packet(PacketType.ACK, [Buffer.from(CONTENT)], 0);
    server.line.take();
    server.event('sync-update', CONTENT);
    server.event('awareness-update', STATE_VECTOR);
    server.conversation.sendUpdate(CONTENT, 1);
    server.conversation.sendAwareness(STATE_VECTOR);
    expect(server.events).toMatchObject({ received: [CONTENT], carets: [STATE_VECTOR], acks: [] });
    expect(server.line.sent).toEqual([
      `451-${NAMESPACE},["sync-update",{"_placeholder":true,"num":0}]`,
      CONTENT,
      `451-${NAMESPACE},["awareness-update",{"_placeholder":true,"num":0}]`,
      STATE_VECTOR,
    ]);
    server.packet(PacketType.EVENT, ['unknown']);
    server.packet(PacketType.EVENT, ['bye', { code: 'shutting-down' }, 5]);
    expect(server.events.failures).toEqual(['the server sent the event "unknown"', 'bye: shutting-down']);
  });
});
