import * as encoding from 'lib0/encoding';
import { ATTACKER, type Attack, orClosed, range } from './hostile-attacks.js';

const PLACEHOLDER = '{"_placeholder":true,"num":0}';
const ATTACHMENT = Uint8Array.of(0, 0);

/** A Socket.IO packet written by hand: its type and attachments announced, what follows the namespace, its bytes. */
function packet(name: string, type: string, rest: string, attachments = 0): Attack {
  return {
    name,
    run: ({ attacker, document }) =>
      orClosed(attacker, async () => {
        const { engine } = attacker.socket.io;
        engine.write(`${type}/docs/${document},${rest}`);
        for (let i = 0; i < attachments; i++) engine.write(ATTACHMENT.slice().buffer);
        await attacker.settled();
      }),
  };
}

/** So deep that there are 200 KB of brackets. */
function nested(inside: string, open = '[', close = ']'): string {
  const depth = 200_000 / (open.length + close.length);
  return open.repeat(depth) + inside + close.repeat(depth);
}

/** A join that brings a state vector of its own. */
function join(name: string, announced: number, entries: number): Attack {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, announced);
  for (let i = 0; i < entries; i++) {
    encoding.writeVarUint(encoder, 1_000 + i);
    encoding.writeVarUint(encoder, 1);
  }
  const stateVector = encoding.toUint8Array(encoder);
  return {
    name: `a join with a state vector: ${name}`,
    run: ({ attacker }) => orClosed(attacker, () => attacker.join({ stateVector } as object)),
  };
}

/** Messages at which the parser, and not the document, has to hold out. */
export const MESSAGES: readonly Attack[] = [
  packet('nested arrays', '2', `1["update",${nested('')},"live"]`),
  packet('nested arrays around bytes', '51-', `1["update",${nested(PLACEHOLDER)},"live"]`, 1),
  packet('nested arrays beside bytes', '51-', `1["update",${PLACEHOLDER},${nested('')}]`, 1),
  packet('nested objects', '2', `1["join",${nested('1', '{"a":', '}')}]`),
  packet('a number of 300,000 digits', '2', `1["join",{"clientId":${'9'.repeat(300_000)}}]`),
  packet('50,000 huge numbers', '2', `1["join",[${'1e308,'.repeat(50_000)}1]]`),
  packet('8,000 long fractions', '2', `1["join",[${'0.12345678901234567890123456789,'.repeat(8_000)}1]]`),
  packet('20,000 keys', '2', `1["join",{${range(20_000, (i) => `"k${i}":1,`).join('')}"clientId":1}]`),
  packet('a key of 300 KB', '2', `1["join",{"clientId":1,"clientKey":"${'k'.repeat(300_000)}"}]`),
  packet('__proto__', '2', `1["join",{"__proto__":{"clientId":${ATTACKER.clientId}}}]`),
  packet('a billion attachments', '5999999999-', `1["update",${PLACEHOLDER},"live"]`, 2),
  packet('ten attachments', '510-', `1["update",${PLACEHOLDER},"live"]`, 10),
  packet('8,000 places for one attachment', '51-', `1["update",[${`${PLACEHOLDER},`.repeat(8_000)}1]]`, 1),
  packet('an event of 300 KB', '2', `1["${'e'.repeat(300_000)}"]`),
  packet('300 KB that are no JSON', '2', `1["join",${'{'.repeat(300_000)}`),
  packet('a namespace of 300 KB', '2/docs/', 'n'.repeat(300_000)),
  join('of 10^15 clients', 1e15, 1),
  join('that fills a message', 80_000, 80_000),
  join('cut short', 80_000, 1),
  {
    name: '200 joins at once',
    run: ({ attacker }) => Promise.all(range(200, () => orClosed(attacker, () => attacker.join()))),
  },
];
