import type { Dice } from '../../dice.js';
import { upgradeRequest } from './frames.js';
import { anyBytes, mutatedText } from './junk.js';

/** What somebody knows who sends requests. */
export interface HttpGround {
  readonly dice: Dice;
  /** Engine.IO's ids of connections, his own and those of others. */
  readonly sids: readonly string[];
  readonly namespace: string;
}

const QUERIES: readonly string[] = [
  'EIO=4&transport=polling',
  'EIO=4&transport=websocket',
  'EIO=3&transport=polling',
  'EIO=4&transport=webtransport',
  'EIO=4&transport=__proto__',
  'EIO=4&EIO=4&transport=polling&transport=websocket',
  'transport=polling',
  'EIO=4&transport=polling&j=0&b64=1',
  '',
  '%00=%ff&EIO=4',
];
const SIDS: readonly string[] = ['', 'AAAAAAAAAAAAAAAAAAAA', '__proto__', 'constructor', '../x', '%00'];
const TYPES: readonly string[] = [
  'text/plain;charset=UTF-8',
  'application/octet-stream',
  'application/json',
  'x',
];
const PATHS: readonly string[] = [
  '/',
  '/healthz',
  '/metrics',
  '/api/documents',
  '/d/a/b',
  '/%2e%2e/x',
  '//',
  '/a\u00e9',
];
const METHODS: readonly string[] = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'HEAD',
  'PATCH',
  'CONNECT',
  'XYZ',
];
const SEPARATOR = '\u001e';

/** One request, or several in one go, mostly to Engine.IO; none of them need be one. */
export function httpShot(ground: HttpGround): Buffer {
  const { dice } = ground;
  const requests = Array.from({ length: dice.chance(0.2) ? dice.between(2, 5) : 1 }, () => request(ground));
  const text = requests.join('');
  const bytes = Buffer.from(dice.chance(0.2) ? mutatedText(dice, text) : text, 'latin1');
  return dice.chance(0.05) ? Buffer.concat([bytes, anyBytes(dice, 100)]) : bytes;
}

function request(ground: HttpGround): string {
  const { dice } = ground;
  const url = `/socket.io/?${dice.pick(QUERIES)}${sidIn(ground)}`;
  switch (dice.between(0, 9)) {
    case 0:
      return upgradeRequest(url, [
        dice.pick(['Origin: null', 'Sec-WebSocket-Extensions: permessage-deflate', 'X: y']),
      ]);
    case 1:
      return upgradeRequest(url).replace(/Sec-WebSocket-(Key|Version): .*\r\n/, '');
    case 2:
      return `${dice.pick(METHODS)} ${dice.pick(PATHS)} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`;
    case 3:
      return `GET ${url}&x=${'x'.repeat(dice.between(0, 20_000))} HTTP/1.1\r\nHost: x\r\n\r\n`;
    case 4:
      return `GET ${url} HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(dice.between(0, 20_000))}\r\n\r\n`;
    case 5:
      return `POST ${url} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunks(ground)}`;
    case 6:
      return `GET ${url} HTTP/1.1\r\nHost: x\r\n\r\n`;
    case 7:
      return post(url, body(ground), `Content-Encoding: ${dice.pick(['gzip', 'deflate', 'br', 'x'])}\r\n`);
    default:
      return post(url, body(ground));
  }
}

function sidIn({ dice, sids }: HttpGround): string {
  if (dice.chance(0.2)) return '';
  return `&sid=${sids.length > 0 && dice.chance(0.7) ? dice.pick(sids) : dice.pick(SIDS)}`;
}

function post(url: string, content: string, headers = ''): string {
  const head = `POST ${url} HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: ${content.length}\r\n`;
  return `${head}Content-Type: ${TYPES[content.length % TYPES.length]}\r\n\r\n${content}`;
}

/** Engine.IO packets as the polling transport has them. */
function body({ dice, namespace }: HttpGround): string {
  const packets = Array.from({ length: dice.between(0, 6) }, () =>
    dice.pick([
      '2',
      '3',
      '1',
      '6',
      'b!!!',
      `b${anyBytes(dice, 30).toString('base64')}`,
      `40${namespace},{"protocol":1}`,
      `42${namespace},1["join",{}]`,
      anyBytes(dice, 30).toString('latin1'),
    ]),
  );
  return packets.join(dice.chance(0.9) ? SEPARATOR : '');
}

function chunks(ground: HttpGround): string {
  const content = body(ground);
  const announced = ground.dice.pick([content.length.toString(16), 'ffffffff', '-1', 'g', '0']);
  return `${announced}\r\n${content}\r\n0\r\n\r\n`;
}
