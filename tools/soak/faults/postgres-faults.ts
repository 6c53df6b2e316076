import type { Link } from '../relay.js';
import type { Stage } from '../stage.js';
import { pause, until } from '../waiting.js';
import { type Fault, type Scene, STORE_AWAY } from './fault.js';

/** The name of the prepared statement that appends to logs; it is in every message that does. */
const APPEND = Buffer.from('coscribe_append');
const KILLS_IN_COMMIT = 40;
const WITHIN_MS = 30_000;

const AWAY = { from: 1_000, to: 60_000, toInTest: 6_000 };

function fault(name: string, run: Fault['run']): Fault {
  return { name, complaints: STORE_AWAY, run };
}

export const POSTGRES: readonly Fault[] = [
  fault('PostgreSQL is stopped (SIGSTOP)', async ({ stage, lasting }) => {
    stage.postgres.pause();
    await pause(lasting(AWAY));
    stage.postgres.resume();
  }),
  fault('PostgreSQL is killed with -9', async ({ stage, lasting }) => {
    await stage.postgres.kill();
    await pause(lasting({ from: 0, to: 20_000, toInTest: 3_000 }));
    await stage.postgres.start();
  }),
  fault('PostgreSQL is killed with -9 in a commit', killedInCommit),
  fault('PostgreSQL is slow', async ({ stage: { storeLine }, dice, lasting }) => {
    storeLine.delayMs = dice.between(20, 400);
    await pause(lasting({ from: 2_000, to: 30_000, toInTest: 5_000 }));
    storeLine.delayMs = 0;
  }),
  fault('the way to PostgreSQL swallows everything', async ({ stage: { storeLine }, dice, lasting }) => {
    storeLine.hold();
    await pause(lasting(AWAY));
    if (dice.chance(0.5)) storeLine.cut();
    storeLine.release();
  }),
  fault('the connections to PostgreSQL are cut', async ({ stage: { storeLine }, dice }) => {
    for (let left = dice.between(1, 3); left > 0; left--) {
      storeLine.cut();
      if (left > 1) await pause(dice.between(0, 1_000));
    }
  }),
];

/** Until it has certainly hit a commit: one that was neither answered nor refused. */
async function killedInCommit({ stage, crowd, dice }: Scene): Promise<void> {
  for (let tried = 1; tried <= KILLS_IN_COMMIT; tried++) {
    const before = crowd.acked;
    await until(() => crowd.acked > before, 'edits are confirmed', WITHIN_MS);
    const hit = await killAtNextAppend(stage, dice.between(0, 2));
    await stage.postgres.start();
    if (hit) return;
  }
  throw new Error(`none of ${KILLS_IN_COMMIT} kills hit a commit`);
}

/** @returns whether the append that was under way was left without an answer */
async function killAtNextAppend({ storeLine, postgres }: Stage, afterMs: number): Promise<boolean> {
  let hit: Link | undefined;
  let answered = false;
  storeLine.listener = {
    sent(link, bytes) {
      if (hit === undefined && bytes.includes(APPEND)) hit = link;
    },
    received(link) {
      if (link === hit) answered = true;
    },
  };
  try {
    await until(() => hit !== undefined, 'something is appended', WITHIN_MS, 0);
    await pause(afterMs);
    await postgres.kill();
  } finally {
    storeLine.listener = undefined;
  }
  return !answered;
}
