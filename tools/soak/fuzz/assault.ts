import { connect } from 'node:net';
import { Dice } from '../../dice.js';
import { pause } from '../waiting.js';
import { makeWriter, type Writer } from './honest-traffic.js';
import { type HttpGround, httpShot } from './http-shots.js';
import { Line } from './line.js';
import { engineShot, frameShot, packetShot } from './packet-shots.js';
import { pollOnce } from './polling.js';
import { damagedShot, protocolShot } from './protocol-shots.js';
import type { Ground, Shot } from './shots.js';

/** Who a connection is, and in which document. */
export interface Role {
  readonly document: string;
  readonly token: string;
}

export interface AssaultOptions {
  readonly port: number;
  readonly seed: number;
  /** One connection for each, which is made again when the server has ended it. */
  readonly roles: readonly Role[];
  /** How many messages the server is to read. */
  readonly messages: number;
}

export interface AssaultCounts {
  /** Read by the server for certain: those before an end of a connection, and after the last answer, do not count. */
  readonly messages: number;
  readonly connections: number;
  readonly requests: number;
}

/** Most messages that are sent before it is looked whether the connection still stands. */
const MOST_AT_ONCE = 60;
/** How long an answer to a request is waited for, in milliseconds: many requests are such as get none. */
const ANSWER_WITHIN_MS = 50;
const REQUESTERS = 4;
/** So many connections in a row that are not let in: there is nobody any more. */
const MOST_IN_VAIN = 100;
const AGAIN_AFTER_MS = 50;
const KEPT_SIDS = 50;

/**
 * Sends what no client sends, from some connections at once, each as its own part of the seed decides. Ends early if the
 * server lets nobody in any more.
 */
export async function assault(options: AssaultOptions): Promise<AssaultCounts> {
  const { port, seed, roles } = options;
  const counts = { messages: 0, connections: 0, requests: 0 };
  const sids: string[] = [];
  const learn = (sid: string): void => {
    sids.push(sid);
    if (sids.length > KEPT_SIDS) sids.shift();
  };
  let inVain = 0;
  const goesOn = (): boolean => inVain < MOST_IN_VAIN && counts.messages + counts.requests < options.messages;
  const dices = roles.map((_, at) => new Dice(seed * 64 + at));
  const writers = dices.map(makeWriter);
  const otherClients = writers.map(({ clientId }) => clientId);
  const grounds = roles.map(
    ({ document, token }, at): Ground => ({
      dice: dices[at] as Dice,
      namespace: `/docs/${document}`,
      auth: { protocol: 1, token },
      writer: writers[at] as Writer,
      next: 0,
      otherClients,
    }),
  );

  const attack = async (ground: Ground): Promise<void> => {
    while (goesOn()) {
      counts.connections++;
      const line = await Line.open(port, ground, learn);
      if (line === undefined) {
        inVain++;
        await pause(AGAIN_AFTER_MS);
        continue;
      }
      inVain = 0;
      while (!line.closed && goesOn()) {
        const { shots, patienceMs } = volley(ground);
        line.write(...shots);
        counts.messages += (await line.settled(patienceMs)) ? shots.length : 1;
      }
      line.close();
    }
  };
  const poll = async (ground: Ground): Promise<void> => {
    while (goesOn()) {
      counts.connections++;
      counts.messages += await pollOnce(port, ground);
      await pause(AGAIN_AFTER_MS);
    }
  };
  const request = async (ground: HttpGround): Promise<void> => {
    while (goesOn()) {
      const answer = await exchange(port, httpShot(ground));
      counts.requests++;
      const sid = /0\{"sid":"([^"]+)"/.exec(answer)?.[1];
      if (sid !== undefined) learn(sid);
    }
  };
  const requesters = Array.from({ length: REQUESTERS }, (_, at) => ({
    dice: new Dice(seed * 64 + roles.length + at),
    sids,
    namespace: grounds[0]?.namespace ?? '/',
  }));
  const [poller] = grounds.slice(-1);
  const polling = poller === undefined ? [] : [poll({ ...poller, dice: new Dice(seed * 64 + 63) })];
  await Promise.all([...grounds.map(attack), ...polling, ...requesters.map(request)]);
  return counts;
}

interface Volley {
  readonly shots: readonly (Shot | Buffer)[];
  /** How long to wait for an answer; by default as long as it can take. */
  readonly patienceMs?: number;
}

/** Some messages that the server can go on after, and at the end, at times, one that mostly ends the connection. */
function volley(ground: Ground): Volley {
  const { dice } = ground;
  const shots: (Shot | Buffer)[] = Array.from({ length: dice.between(1, MOST_AT_ONCE) }, () =>
    protocolShot(ground),
  );
  const last = dice.random();
  if (last < 0.1) shots.push(damagedShot(ground));
  else if (last < 0.16) shots.push(packetShot(ground));
  else if (last < 0.18) shots.push(engineShot(ground));
  // After half a frame nothing is an answer.
  else if (last < 0.2) return { shots: [...shots, frameShot(ground)], patienceMs: ANSWER_WITHIN_MS };
  return { shots };
}

/** Writes to a connection of its own. @returns what came back in a short time */
function exchange(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), ANSWER_WITHIN_MS);
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}
