import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { WebSocket } from 'ws';
import { ConnectionCounts } from '../../../../server/edge/connection-counts.js';
import { Pace, paceLimits } from '../../../../server/gateway/pace.js';
import { Line } from '../../../../server/gateway/websocket/line.js';
import { LineTurns } from '../../../../server/gateway/websocket/line-turns.js';
import { Unfinished } from '../../../../server/gateway/websocket/unfinished.js';
import { webSocketFrames } from '../../../../server/gateway/websocket-frames.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { UNLIMITED, unmetered } from '../../../support/unmetered.js';

const PULSE = Buffer.of(1);
const MAX_QUEUED = 1_000_000;

/** A connection of which a test says what the network has taken. */
class Wire extends EventEmitter {
  written: Buffer[] = [];
  taken = 0;

  get bytesWritten(): number {
    return this.written.reduce((sum, { length }) => sum + length, 0);
  }

  get writableLength(): number {
    return this.bytesWritten - this.taken;
  }

  write(bytes: Uint8Array): void {
    this.written.push(Buffer.from(bytes));
  }

  cork(): void {}
  uncork(): void {}
}

/** The part of `ws` that a line uses. */
class Ws {
  readonly OPEN = 1;
  readyState = 1;
  readonly calls: string[] = [];
  pause = (): void => void this.calls.push('pause');
  resume = (): void => void this.calls.push('resume');
  terminate = (): void => {
    this.calls.push('terminate');
    this.readyState = 2;
  };
  close = (code: number): void => {
    this.calls.push(`close ${code}`);
    this.readyState = 2;
  };
}

let clock: ManualClock;
let unfinished: Unfinished;
let turns: LineTurns;
let counted: string[];

beforeEach(() => {
  clock = new ManualClock();
  unfinished = new Unfinished(2_000_000);
  counted = [];
  turns = new LineTurns(clock, { count: (name) => void counted.push(name) });
});

function newLine(): { line: Line; ws: Ws; wire: Wire } {
  const [ws, wire] = [new Ws(), new Wire()];
  const line = new Line(
    {
      ws: ws as unknown as WebSocket,
      wire: wire as unknown as Socket,
      who: { headers: {}, address: '' },
      meter: unmetered(),
      pace: new Pace(paceLimits(UNLIMITED)),
    },
    {
      counts: new ConnectionCounts({ maxConnectionsPerAddress: 9, maxConnectionsPerUser: 9 }),
      turns,
      unfinished,
      unjoined: { start: () => {}, done: () => {} },
      maxQueuedBytes: MAX_QUEUED,
    },
  );
  return { line, ws, wire };
}

describe('whether somebody is there', () => {
  test('[WSD7] he is as long as anything comes from him between two pings', () => {
    const { line, ws, wire } = newLine();
    line.beat(PULSE);
    line.chunk(2);
    wire.taken = wire.bytesWritten;
    line.beat(PULSE);
    expect(ws.calls).not.toContain('terminate');
    wire.taken = wire.bytesWritten;
    line.beat(PULSE);
    expect(ws.calls).toContain('terminate');
  });

  test('[WSD7] he is as long as he takes something of what waits for him: the ping waits behind it', () => {
    const { line, ws, wire } = newLine();
    line.send(new Uint8Array(500_000));
    line.beat(PULSE);
    for (let nth = 0; nth < 5; nth++) {
      wire.taken += 1_000;
      line.beat(PULSE);
    }
    expect(ws.calls).not.toContain('terminate');
    line.beat(PULSE);
    expect(ws.calls).toContain('terminate');
  });
});

describe('what is sent', () => {
  test('[WSD12] goes to the network in its order, in one piece unless it is large', () => {
    const { line, wire } = newLine();
    const frames = webSocketFrames(Uint8Array.of(7));
    const large = new Uint8Array(70_000).fill(1);
    line.send(Uint8Array.of(1), Uint8Array.of(2, 3));
    line.sendFrames(frames);
    line.send(Uint8Array.of(9), large);
    const all = Buffer.concat(wire.written);
    const expected = [Uint8Array.of(1, 2, 3), Uint8Array.of(7), Buffer.concat([Uint8Array.of(9), large])];
    expect(all.equals(webSocketFrames(...expected))).toBe(true);
    expect(wire.written.slice(0, 2).map(({ length }) => length)).toEqual([5, 3]);
  });

  test('[WSD12] is nothing once it is being closed', () => {
    const { line, ws, wire } = newLine();
    line.close(4404, 'no');
    line.close(4410, 'again');
    line.send(Uint8Array.of(1));
    line.send(new Uint8Array(70_000));
    line.sendFrames(PULSE);
    line.beat(PULSE);
    expect(wire.written).toEqual([]);
    expect(ws.calls.filter((call) => call.startsWith('close'))).toEqual(['close 4404']);
  });

  test('[WSD6] is bounded: who lets more wait is cut off, but not from within whatever is sending', async () => {
    const { line, ws } = newLine();
    for (let nth = 0; nth < 3; nth++) line.send(new Uint8Array(400_000));
    expect(ws.calls).not.toContain('terminate');
    await new Promise(setImmediate);
    expect(ws.calls.filter((call) => call === 'terminate')).toHaveLength(1);
  });
});

describe('what comes', () => {
  test('[WSD12] is not read before the protocol is ready, and not heard after the end', () => {
    const { line, ws } = newLine();
    const heard: string[] = [];
    expect(ws.calls).toEqual(['pause']);
    line.listen({
      message: (bytes) => void heard.push(`${bytes.length} bytes`),
      late: () => void heard.push('late'),
      closed: () => void heard.push('closed'),
    });
    expect(ws.calls).toEqual(['pause', 'resume']);
    line.message(Uint8Array.of(1), true);
    line.close(4404, 'no');
    line.message(Uint8Array.of(1), true);
    line.late();
    line.leave();
    expect(heard).toEqual(['1 bytes', 'closed']);
  });

  test('[WSD12] a protocol that is ready only when it is gone is told so', () => {
    const { line } = newLine();
    line.leave();
    let closed = 0;
    line.listen({ message: () => {}, late: () => {}, closed: () => void closed++ });
    expect(closed).toBe(1);
  });

  test('[WSD5] others have their turn after 64 KB', async () => {
    const { line, ws } = newLine();
    line.listen({ message: () => {}, late: () => {}, closed: () => {} });
    line.chunk(60_000);
    expect(ws.calls.at(-1)).toBe('resume');
    line.chunk(10_000);
    expect(ws.calls.at(-1)).toBe('pause');
    await new Promise(setImmediate);
    expect(ws.calls.at(-1)).toBe('resume');
  });

  test('[WSD5] beginnings of messages are bounded for all together; small ones are taken always', () => {
    const lines = Array.from({ length: 5 }, newLine);
    for (const { line } of lines.slice(0, 2)) line.chunk(900_000);
    const [first, , third, fourth, fifth] = lines as [
      (typeof lines)[0],
      (typeof lines)[0],
      (typeof lines)[0],
      (typeof lines)[0],
      (typeof lines)[0],
    ];
    third.line.chunk(400_000);
    expect(third.ws.calls).not.toContain('terminate');
    fourth.line.chunk(600_000);
    expect(fourth.ws.calls).toContain('terminate');
    expect(counted).toEqual(['flood-ended']);
    // A message that is complete, and one whose sender is gone, take nothing any more.
    first.line.message(new Uint8Array(), true);
    fourth.line.leave();
    fifth.line.chunk(600_000);
    expect(fifth.ws.calls).not.toContain('terminate');
  });
});
