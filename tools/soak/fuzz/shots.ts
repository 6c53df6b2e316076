import type { Dice } from '../../dice.js';
import type { Writer } from './honest-traffic.js';

/** WebSocket messages that belong together. */
export type Shot = readonly (string | Uint8Array)[];

/** Where somebody who means harm stands. */
export interface Ground {
  readonly dice: Dice;
  /** The namespace that he is connected to. */
  readonly namespace: string;
  /** What he says in `auth`. */
  readonly auth: Readonly<Record<string, unknown>>;
  readonly writer: Writer;
  /** Number of his next edit that was not sent yet. */
  next: number;
  /** What the others in the document are. */
  readonly otherClients: readonly number[];
}

const PLACEHOLDER = { _placeholder: true, num: 0 };

/** A packet with an event of our protocol, as `docs/PROTOCOL.md` has it. */
export function event(
  { namespace }: Ground,
  args: readonly unknown[],
  ack: number | string = '',
  bytes?: Uint8Array,
): Shot {
  const json = JSON.stringify(args);
  if (bytes === undefined) return [`42${namespace},${ack}${json}`];
  return [`451-${namespace},${ack}${json}`, bytes];
}

export function connect({ namespace, auth }: Ground): Shot {
  return [`40${namespace},${JSON.stringify(auth)}`];
}

export function join(ground: Ground, more: Readonly<Record<string, unknown>> = {}): Shot {
  const { clientId, clientKey } = ground.writer;
  return event(ground, ['join', { clientId, clientKey, ...more }], ground.dice.between(0, 99));
}

/** The next edit, or one that was sent before. */
export function update(ground: Ground, bytes = nextUpdate(ground)): Shot {
  const kind = ground.dice.pick(['live', 'live', 'catch-up']);
  return event(ground, ['update', PLACEHOLDER, kind], ground.dice.between(0, 99), bytes);
}

function nextUpdate(ground: Ground): Uint8Array {
  const { dice, writer } = ground;
  const at = dice.chance(0.7) ? ground.next++ : dice.between(0, writer.updates.length - 1);
  return writer.updates[at % writer.updates.length] ?? new Uint8Array();
}

export function awareness(ground: Ground, bytes: Uint8Array = ground.writer.presence): Shot {
  return event(ground, ['awareness', PLACEHOLDER], '', bytes);
}
