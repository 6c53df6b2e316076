import { describe, expect, test } from '@jest/globals';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { readSyncMessage, writeSyncStep1, writeSyncStep2, writeUpdate } from 'y-protocols/sync';
import * as Y from 'yjs';
import { hocuspocus } from '../../../load/wire/hocuspocus.js';
import { yWebsocket } from '../../../load/wire/y-websocket.js';
import { IDLE_MESSAGE } from '../../../server/gateway/hocuspocus/messages.js';
import { caretOf } from '../../support/carets.js';
import { RecordingEvents, RecordingLine } from '../../support/recording-line.js';

const NAME = 'bench/ñotes';
const SYNC = 0;
const AWARENESS = 1;
const AUTH = 2;
const SYNC_STATUS = 8;

/** Writes what stands before the type in each message, and reads over it. */
interface Envelope {
  readonly name: string;
  write(encoder: encoding.Encoder): void;
  read(decoder: decoding.Decoder): void;
}

const ENVELOPES = [
  { name: 'y-websocket', write: () => {}, read: () => {} },
  {
    name: 'hocuspocus',
    write: (encoder) => encoding.writeVarString(encoder, NAME),
    read: (decoder) => expect(decoding.readVarString(decoder)).toBe(NAME),
  },
] satisfies Envelope[];

/** A server that speaks with y-protocols' own code. */
class Server {
  readonly doc = new Y.Doc();
  readonly line = new RecordingLine();
  readonly events = new RecordingEvents();
  readonly conversation;

  constructor(
    readonly envelope: Envelope,
    known?: { stateVector: Uint8Array; generation: string; seq: number },
  ) {
    this.doc.getText('text').insert(0, 'What was there before');
    const protocol = envelope.name === 'hocuspocus' ? hocuspocus : yWebsocket;
    const request = { document: NAME, clientId: 7, ...(known === undefined ? {} : { known }) };
    this.conversation = protocol.begin(this.line, request, this.events);
  }

  message(write: (encoder: encoding.Encoder) => void): Buffer {
    const bytes = encoding.encode((encoder) => {
      this.envelope.write(encoder);
      write(encoder);
    });
    return Buffer.from(bytes);
  }

  send(type: number, write: (encoder: encoding.Encoder) => void = () => {}): void {
    this.conversation.binary(
      this.message((encoder) => {
        encoding.writeVarUint(encoder, type);
        write(encoder);
      }),
    );
  }

  /** Takes what the client has sent since the last call as the server does: types of it, and what is answered. */
  listen(): number[][] {
    return this.line.take().map((message) => {
      const decoder = decoding.createDecoder(message as Uint8Array);
      this.envelope.read(decoder);
      const type = decoding.readVarUint(decoder);
      if (type !== SYNC) return [type];
      const answer = encoding.createEncoder();
      const syncType = readSyncMessage(decoder, answer, this.doc, 'client');
      expect(decoding.hasContent(decoder)).toBe(false);
      if (encoding.length(answer) > 0)
        this.send(SYNC, (encoder) => encoding.writeUint8Array(encoder, encoding.toUint8Array(answer)));
      return [type, syncType];
    });
  }
}

function documentOf(updates: readonly Uint8Array[]): string {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc.getText('text').toString();
}

describe.each(ENVELOPES)('$name', (envelope) => {
  test('[BENCH23] it asks for the document, has joined when it comes, and has nothing of its own to give', () => {
    const server = new Server(envelope);
    expect(server.listen()).toEqual(envelope.name === 'hocuspocus' ? [[AUTH], [SYNC, 0]] : [[SYNC, 0]]);
    expect(server.events.joins).toHaveLength(1);
    expect(documentOf(server.events.joins[0]?.content ?? [])).toBe('What was there before');
    server.send(SYNC, (encoder) => writeSyncStep1(encoder, server.doc));
    const before = Y.encodeStateVector(server.doc);
    expect(server.listen()).toEqual([[SYNC, 1]]);
    expect(Y.encodeStateVector(server.doc)).toEqual(before);
    expect(server.events).toMatchObject({ failures: [], received: [] });
  });

  test('[BENCH23] a returning client gets what it lacks', () => {
    const known = new Server(envelope);
    const stateVector = Y.encodeStateVector(known.doc);
    const again = new Server(envelope, { stateVector, generation: '', seq: 0 });
    Y.applyUpdate(again.doc, Y.encodeStateAsUpdate(known.doc));
    again.listen();
    const lacks = Y.encodeStateAsUpdate(again.doc, stateVector);
    expect(again.events.joins).toEqual([{ content: [lacks], place: undefined }]);
  });

  test('[BENCH23] edits and carets go both ways as y-protocols writes and reads them', () => {
    const server = new Server(envelope);
    server.listen();
    const other = new Y.Doc();
    other.getText('text').insert(0, 'x'.repeat(300));
    const update = Y.encodeStateAsUpdate(other);
    const caret = caretOf(other, 'Ada');

    server.send(SYNC, (encoder) => writeUpdate(encoder, update));
    // The provider asks for nothing a second time, but would take it.
    server.send(SYNC, (encoder) => writeSyncStep2(encoder, other));
    server.send(AWARENESS, (encoder) => encoding.writeVarUint8Array(encoder, caret));
    expect(server.events).toMatchObject({ received: [update, update], carets: [caret], failures: [] });

    server.conversation.sendUpdate(update, 1);
    server.conversation.sendAwareness(caret);
    const wanted = server.message((encoder) => {
      encoding.writeVarUint(encoder, AWARENESS);
      encoding.writeVarUint8Array(encoder, caret);
    });
    expect(Buffer.from(server.line.sent[1] as Uint8Array)).toEqual(wanted);
    expect(server.listen()).toEqual([[SYNC, 2], [AWARENESS]]);
    expect(server.doc.getText('text').toString()).toContain('x'.repeat(300));
    expect(server.events.joins).toHaveLength(1);
  });

  test('[BENCH23] text, and messages of unknown kinds, are failures', () => {
    const server = new Server(envelope);
    server.conversation.text(Buffer.from('hello'));
    server.send(99);
    server.send(SYNC, (encoder) => encoding.writeVarUint(encoder, 9));
    expect(server.events.failures).toHaveLength(3);
  });
});

describe('hocuspocus', () => {
  const [, envelope] = ENVELOPES as [Envelope, Envelope];

  test('[BENCH23] acknowledgements come in the order of the updates, one for each, and one for the empty step 2', () => {
    const server = new Server(envelope);
    const taken = (encoder: encoding.Encoder): void => encoding.writeVarUint(encoder, 1);
    server.conversation.sendUpdate(Uint8Array.of(0, 0), 10);
    server.send(SYNC, (encoder) => writeSyncStep1(encoder, server.doc));
    server.conversation.sendUpdate(Uint8Array.of(0, 0), 11);
    for (const _ of 'abc') server.send(SYNC_STATUS, taken);
    expect(server.events).toMatchObject({ acks: [10, 11], failures: [] });
    server.send(SYNC_STATUS, taken);
    expect(server.events.failures).toHaveLength(1);
  });

  test('[BENCH23] an update that was not applied, a denial, a goodbye and another document are failures', () => {
    const server = new Server(envelope);
    server.conversation.sendUpdate(Uint8Array.of(0, 0), 10);
    server.send(SYNC_STATUS, (encoder) => encoding.writeVarUint(encoder, 0));
    server.send(AUTH, (encoder) => {
      encoding.writeVarUint(encoder, 1);
      encoding.writeVarString(encoder, 'permission-denied');
    });
    server.send(7, (encoder) => encoding.writeVarString(encoder, 'Reset'));
    server.conversation.binary(Buffer.from([1, 65, 0, 2]));
    server.conversation.binary(Buffer.from([]));
    expect(server.events.failures).toEqual([
      'the server did not apply an update',
      expect.stringContaining('permission-denied'),
      expect.stringContaining('Reset'),
      'a message for another document',
      'a message for another document',
    ]);
    expect(server.events.acks).toEqual([]);
  });

  test('[BENCH23] being let in is no failure, a ping is answered, and what is for no document is passed over', () => {
    const server = new Server(envelope);
    server.line.take();
    server.conversation.binary(Buffer.from(IDLE_MESSAGE));
    expect(server.line.sent).toEqual([]);
    server.send(AUTH, (encoder) => {
      encoding.writeVarUint(encoder, 2);
      encoding.writeVarString(encoder, 'read-write');
    });
    server.conversation.binary(Buffer.from([9]));
    expect(server.line.sent).toEqual([Uint8Array.of(10)]);
    expect(server.events.failures).toEqual([]);
  });
});
