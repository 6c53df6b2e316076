import type { Dice } from '../../dice.js';
import { presenceUpdate } from './honest-traffic.js';
import { anyBytes, anyJson, anyValue, mutated, mutatedText } from './junk.js';
import { awareness, connect, event, type Ground, join, type Shot, update } from './shots.js';

const EVENTS: readonly (string | number)[] = [
  'join',
  'update',
  'awareness',
  'token',
  'diverged',
  'updates',
  'bye',
  '',
  '__proto__',
  'toString',
  7,
];
const ACKS: readonly string[] = ['', '', '0', '1', '7', '99', '4294967296', '99999999999999999999'];
const HUGE_CLOCKS: readonly number[] = [0, 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1];

/** Messages of our protocol with something wrong in them, in any order. */
export function protocolShot(ground: Ground): Shot {
  const { dice } = ground;
  const choice = dice.random();
  if (choice < 0.3) return update(ground, mutated(dice, anyUpdate(ground)));
  if (choice < 0.42) return anyPresence(ground);
  if (choice < 0.47) return join(ground, anyRequest(ground));
  if (choice < 0.5) return join(ground);
  if (choice < 0.55) return event(ground, ['token', anyToken(ground)], dice.pick(ACKS));
  if (choice < 0.6) return event(ground, ['diverged', anyValue(dice), anyHash(dice)], dice.pick(ACKS));
  if (choice < 0.8) return anyEvent(ground);
  if (choice < 0.87) return anyBinaryEvent(ground);
  return honestShot(ground);
}

/** What an honest client might send now. */
export function honestShot(ground: Ground): Shot {
  const { dice, writer } = ground;
  switch (dice.between(0, 5)) {
    case 0:
      return join(ground);
    case 1:
      return awareness(ground);
    case 2:
      return event(ground, ['join', { clientId: writer.clientId, clientKey: writer.clientKey }], 1);
    default:
      return update(ground);
  }
}

/** Honest packets of which the text or the bytes are damaged. Many of them are none any more. */
export function damagedShot(ground: Ground): Shot {
  const { dice } = ground;
  const shot = dice.chance(0.05) ? connect(ground) : honestShot(ground);
  const victim = dice.between(0, shot.length - 1);
  return shot.map((part, at) => {
    if (at !== victim) return part;
    return typeof part === 'string' ? mutatedText(dice, part) : mutated(dice, part);
  });
}

function anyUpdate({ dice, writer }: Ground): Uint8Array {
  const update = dice.pick(writer.updates);
  if (dice.chance(0.9)) return update;
  const other = dice.pick(writer.updates);
  const cut = dice.between(0, update.length);
  return Buffer.concat([update.subarray(0, cut), other.subarray(dice.between(0, other.length))]);
}

function anyPresence(ground: Ground): Shot {
  const { dice, writer, otherClients } = ground;
  if (dice.chance(0.4)) return awareness(ground, mutated(dice, writer.presence));
  const client = dice.chance(0.5) ? writer.clientId : dice.pick(otherClients);
  const state = dice.chance(0.2) ? 'null' : anyJson(dice, anyValue(dice));
  return awareness(ground, presenceUpdate(client, dice.pick(HUGE_CLOCKS), state));
}

function anyRequest({ dice, writer, otherClients }: Ground): Record<string, unknown> {
  const request: Record<string, unknown> = {};
  for (const key of ['clientId', 'clientKey', 'generation', 'seq', 'stateVector'])
    if (dice.chance(0.3)) request[key] = anyValue(dice);
  if (dice.chance(0.2)) request.clientId = dice.pick([...otherClients, writer.clientId]);
  return request;
}

function anyToken({ dice, auth }: Ground): unknown {
  const { token } = auth;
  if (typeof token === 'string' && dice.chance(0.5))
    return dice.chance(0.5) ? token : mutatedText(dice, token);
  return dice.chance(0.1) ? 't'.repeat(dice.between(8_000, 9_000)) : anyValue(dice);
}

function anyHash(dice: Dice): unknown {
  return dice.chance(0.5) ? `${dice.between(0, 3)}:${dice.between(0, 2 ** 40).toString(16)}` : anyValue(dice);
}

function anyEvent({ dice, namespace }: Ground): Shot {
  const args = Array.from({ length: dice.between(0, 4) }, () => anyValue(dice));
  return [`42${namespace},${dice.pick(ACKS)}${anyJson(dice, [dice.pick(EVENTS), ...args])}`];
}

function anyBinaryEvent(ground: Ground): Shot {
  const { dice, namespace } = ground;
  const pieces = dice.between(1, 3);
  const places = Array.from({ length: pieces }, (_, num) => ({ _placeholder: true, num }));
  const args = dice.chance(0.9) ? places : [...places, anyValue(dice)];
  const json = JSON.stringify([dice.pick(EVENTS), ...args]);
  return [
    `45${pieces}-${namespace},${dice.pick(ACKS)}${json}`,
    ...Array.from({ length: pieces }, () => anyBytes(dice, 60)),
  ];
}
