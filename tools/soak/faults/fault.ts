import type { Dice } from '../../dice.js';
import type { Crowd } from '../crowd.js';
import type { Stage } from '../stage.js';

/** What a fault has to do with. */
export interface Scene {
  readonly stage: Stage;
  readonly crowd: Crowd;
  readonly dice: Dice;
  /** Draws how long something lasts, in milliseconds: up to a minute or more in a soak, some seconds in a test. */
  lasting(range: Lasting): number;
  /** The fault is over now, though there is still something to do; without it, it is over when `run` fulfils. */
  healed(): void;
}

/** From, to, and to in a test, in milliseconds. */
export interface Lasting {
  readonly from: number;
  readonly to: number;
  readonly toInTest: number;
}

/** Something that goes wrong while everybody types, and is well again when `run` fulfils. */
export interface Fault {
  readonly name: string;
  /** What nodes may complain about, besides what they complain about always. */
  readonly complaints?: readonly RegExp[];
  run(scene: Scene): Promise<void>;
}

/** What a node says whose store does not answer. */
export const STORE_AWAY: readonly RegExp[] = [/cannot save/];
