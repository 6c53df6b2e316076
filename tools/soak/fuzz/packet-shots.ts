import { BINARY, clientFrame, PING, PONG, TEXT } from './frames.js';
import { anyBytes, anyJson, anyValue, mutatedText } from './junk.js';
import { connect, type Ground, type Shot } from './shots.js';

const NAMESPACES: readonly string[] = [
  '/',
  '/docs',
  '/docs/',
  '/docs/acme',
  '/docs//x',
  '/docs/../x',
  '/docs/acme/..',
  '/docs/*/x',
  '/docs/acme/no?tes=1',
  '/docs/acme/a#b',
  '/docs/acme/[a]',
  '/docs/acme/%2e%2e',
  '/docs/асме/notes',
  '/docs/acme/a/b',
  '/yjs|acme',
  '/admin',
  '//',
  '/__proto__',
  '/constructor',
];
const ENGINE_PACKETS: readonly string[] = [
  '',
  '0',
  '1',
  '2',
  '2probe',
  '3',
  '3probe',
  '5',
  '6',
  '7',
  'b',
  'bAAAA',
  '4',
];

/** Names of events that Socket.IO keeps for itself. */
const RESERVED: readonly string[] = [
  'connect',
  'disconnect',
  'disconnecting',
  'newListener',
  'connect_error',
];

/** Packets of Socket.IO that no client sends: other types, other namespaces, attachments that never come. */
export function packetShot(ground: Ground): Shot {
  const { dice, namespace } = ground;
  const elsewhere = dice.chance(0.5) ? dice.pick(NAMESPACES) : `/docs/n/${'n'.repeat(dice.between(1, 300))}`;
  switch (dice.between(0, 10)) {
    case 0:
      return [`40${elsewhere},${anyJson(dice, { protocol: 1, token: anyValue(dice) })}`];
    case 1:
      return connect(ground);
    case 2:
      return [`40${namespace},${anyJson(dice, anyValue(dice))}`];
    case 3:
      return [`41${namespace},`, ...connect(ground)];
    case 4:
      return [`43${namespace},${dice.between(0, 99)}${anyJson(dice, [anyValue(dice)])}`];
    case 5:
      return [`44${namespace},${anyJson(dice, anyValue(dice))}`];
    case 6:
      return [`461-${namespace},1[{"_placeholder":true,"num":0}]`, anyBytes(dice, 20)];
    case 7:
      return [`45${dice.between(0, 12)}-${namespace},${anyJson(dice, ['update', anyValue(dice)])}`];
    case 8:
      return [`42${namespace},["${dice.pick(RESERVED)}"]`];
    case 9:
      return [`4${dice.between(0, 9)}${dice.between(0, 99)}-${elsewhere},${anyJson(dice, anyValue(dice))}`];
    default:
      return [mutatedText(dice, `42${elsewhere},${anyJson(dice, ['join', anyValue(dice)])}`)];
  }
}

/** Packets of Engine.IO at the wrong time, and bytes that belong to nothing. */
export function engineShot({ dice }: Ground): Shot {
  return [dice.chance(0.3) ? anyBytes(dice, 200) : dice.pick(ENGINE_PACKETS)];
}

/** Frames that a WebSocket may not have, or hardly ever has. */
export function frameShot({ dice, namespace }: Ground): Buffer {
  const text = `42${namespace},1["join",{}]`;
  const cut = dice.between(0, text.length);
  switch (dice.between(0, 11)) {
    case 0:
      return clientFrame(text, { masked: false });
    case 1:
      return clientFrame(text, { reserved: dice.between(1, 7) });
    case 2:
      return clientFrame(text, { opcode: dice.pick([3, 4, 7, 0xb, 0xf]) });
    case 3:
      return clientFrame(text, { opcode: 0 });
    case 4:
      return clientFrame(text, { announced: dice.pick([126, 65_536, 2 ** 31, 2 ** 53]) });
    case 5:
      return clientFrame(anyBytes(dice, 60), { opcode: TEXT });
    case 6:
      return clientFrame(Buffer.alloc(200), { opcode: dice.pick([PING, PONG]) });
    case 7:
      return clientFrame(anyBytes(dice, 10), { opcode: 8 });
    case 8:
      return clientFrame('x', { opcode: PING, final: false });
    case 9:
      return anyBytes(dice, 60);
    case 10:
      return Buffer.concat([
        clientFrame(text.slice(0, cut), { final: false }),
        clientFrame(text, { opcode: dice.pick([TEXT, BINARY]) }),
      ]);
    default:
      return inPieces(text, cut);
  }
}

/** One message in three frames, with a ping in between: nothing is wrong with that. */
function inPieces(text: string, cut: number): Buffer {
  return Buffer.concat([
    clientFrame(text.slice(0, cut), { final: false }),
    clientFrame('ping', { opcode: PING }),
    clientFrame('', { opcode: 0, final: false }),
    clientFrame(text.slice(cut), { opcode: 0 }),
  ]);
}
