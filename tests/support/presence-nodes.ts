import * as encoding from 'lib0/encoding';
import { ManualClock } from './manual-clock.js';
import { PresenceNode } from './presence-people.js';

export const TICK_MS = 50;

/** Three nodes. `pass` lets a tick pass and delivers what was published meanwhile, until nothing more is. */
export function threeNodes() {
  const clock = new ManualClock();
  const nodes = ['a', 'b', 'c'].map((name) => new PresenceNode(name, clock));
  const [a, b, c] = nodes as [PresenceNode, PresenceNode, PresenceNode];
  const deliver = (from: PresenceNode, to: readonly PresenceNode[] = nodes) => {
    const updates = from.published.splice(0);
    for (const node of to) {
      for (const update of updates) if (node !== from) node.table.receiveFrom(from.name, update);
    }
  };
  const pass = () => {
    for (let round = 0; round < 3; round++) {
      clock.advance(TICK_MS);
      for (const node of nodes) deliver(node);
    }
    clock.advance(TICK_MS);
  };
  const names = (node: PresenceNode) => [...node.seen.values()].map(({ name }) => name).sort();
  const forgetSent = () => {
    for (const { sent, published } of nodes) sent.length = published.length = 0;
  };
  return { clock, nodes, a, b, c, deliver, pass, names, forgetSent };
}

/** The states in an awareness update, as y-protocols reads them. */
export function encodeStates(
  states: readonly (readonly [number, number, string])[],
  after: number[] = [],
): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, states.length);
  for (const [clientId, clock, json] of states) {
    encoding.writeVarUint(encoder, clientId);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, json);
  }
  for (const number of after) encoding.writeVarUint(encoder, number);
  return encoding.toUint8Array(encoder);
}
