import { pause, until } from '../waiting.js';
import { type Fault, type Scene, STORE_AWAY } from './fault.js';

/** The name of the prepared statement that appends to logs; it is in every message that does. */
const APPEND = Buffer.from('coscribe_append');
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

/** The answer is not passed on, so the kill has hit a commit however quick that was: made or not, nobody is told. */
async function killedInCommit({ stage: { storeLine, postgres }, crowd, dice }: Scene): Promise<void> {
  const before = crowd.acked;
  await until(() => crowd.acked > before, 'edits are confirmed', WITHIN_MS);
  let hit = false;
  storeLine.listener = {
    sent({ server }, bytes) {
      if (hit || !bytes.includes(APPEND)) return;
      hit = true;
      server.pause();
    },
  };
  try {
    await until(() => hit, 'something is appended', WITHIN_MS, 0);
    await pause(dice.between(0, 2));
    await postgres.kill();
  } finally {
    storeLine.listener = undefined;
    storeLine.cut();
  }
  await postgres.start();
}
