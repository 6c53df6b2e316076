import { expect, test } from '@jest/globals';
import { Edge } from '../../../server/edge/edge.js';
import type { LineListener, WebSocketLine } from '../../../server/gateway/websocket/web-socket-line.js';
import { serveYWebSocket } from '../../../server/gateway/y-websocket.js';
import { messageOf, STEP_1, STEP_2, SYNC, UPDATE } from '../../../server/gateway/y-websocket-messages.js';
import { UNCOUNTED } from '../../../server/telemetry/counters.js';
import { documentNode, Person } from '../../support/document-node.js';
import { settle } from '../../support/manual-clock.js';
import { UNLIMITED, unmetered } from '../../support/unmetered.js';

/** Keeps what is sent, as it is handed over. */
class FakeLine implements WebSocketLine {
  readonly address = '127.0.0.1';
  readonly meter = unmetered();
  readonly isOpen = true;
  readonly messages: Buffer[] = [];
  readonly frames: Buffer[] = [];

  credentials(): { headers: Record<string, string>; address: string } {
    return { headers: {}, address: this.address };
  }

  send(...parts: readonly Uint8Array[]): void {
    this.messages.push(Buffer.concat(parts));
  }

  sendFrames(frames: Buffer): void {
    this.frames.push(frames);
  }

  queuedBytes(): number {
    return 0;
  }

  enterUser(): void {}
  joined(): void {}
  unjoined(): void {}
  close(): void {}
  cutOff(): void {}
}

function services() {
  const { documents, clock, log } = documentNode();
  const edge = new Edge({
    allowedOrigins: [],
    trustedProxies: [],
    localOnly: false,
    maxConnectionsPerAddress: 9,
    maxConnectionsPerUser: 9,
  });
  const limits = {
    ...UNLIMITED,
    maxUpdateBytes: 256 * 1024,
    maxDocumentBytes: 10 * 1024 * 1024,
    maxDocumentsPerConnection: 1,
    handshakeTimeoutMs: 10_000,
    joinTimeoutMs: 30_000,
  };
  return { documents, clock, log, edge, limits, random: () => 0.5, counters: UNCOUNTED };
}

test('[YWS14] an edit is encoded once for all who get it, and goes out as one frame for each', async () => {
  const given = services();
  const protocol = serveYWebSocket(given, '/yjs');
  const lines = [new FakeLine(), new FakeLine(), new FakeLine()];
  for (const line of lines) {
    const target = { rest: 'acme/notes', query: new URLSearchParams() };
    const listener: LineListener = await protocol.open(line, target);
    listener.message(messageOf([SYNC, STEP_1], Uint8Array.of(0)));
  }
  await settle();
  for (const { messages } of lines)
    expect(messages.map(([type, step]) => [type, step])).toEqual([
      [SYNC, STEP_2],
      [SYNC, STEP_1],
    ]);
  const person = new Person();
  await person.join(given.documents);
  person.type('hello');
  await settle();
  given.clock.advance(100);
  await settle();
  const [frame] = lines[0]?.frames ?? [];
  expect(lines.map(({ frames }) => frames)).toEqual([[frame], [frame], [frame]]);
  for (const { frames } of lines) expect(frames[0]).toBe(frame);
  expect([...(frame ?? []).slice(2, 4)]).toEqual([SYNC, UPDATE]);
});
