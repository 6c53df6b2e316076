import { pause } from '../waiting.js';
import type { Fault, Scene } from './fault.js';

function redisKilled(seconds: number, load: 'goes on' | 'ends meanwhile'): Fault {
  return {
    name: `Redis is killed and away for ${seconds} s, the load ${load}`,
    async run({ stage, crowd, dice }) {
      const redis = dice.pick(stage.redis);
      await redis.kill();
      const first = dice.between(500, seconds * 1_000 - 500);
      await pause(first);
      if (load === 'ends meanwhile') crowd.pause();
      await pause(seconds * 1_000 - first);
      await redis.start();
      await stage.redisReady();
    },
  };
}

export const REDIS_KILL: readonly Fault[] = [
  redisKilled(5, 'goes on'),
  redisKilled(5, 'ends meanwhile'),
  redisKilled(20, 'goes on'),
  redisKilled(5, 'ends meanwhile'),
  redisKilled(5, 'goes on'),
  redisKilled(20, 'ends meanwhile'),
];

export const REDIS_DISTURB: readonly Fault[] = [
  {
    name: 'Redis is stopped (SIGSTOP)',
    async run({ stage, dice, lasting }) {
      const redis = dice.pick(stage.redis);
      redis.suspend();
      await pause(lasting({ from: 1_000, to: 60_000, toInTest: 8_000 }));
      redis.resume();
    },
  },
  {
    name: 'all connections to Redis are cut',
    run: (scene) => cutAgainAndAgain(scene, ['normal', 'pubsub']),
  },
  {
    name: 'the subscribers of Redis are cut',
    run: (scene) => cutAgainAndAgain(scene, ['pubsub']),
  },
];

/** One to three times, with everybody typing. */
async function cutAgainAndAgain({ stage, dice }: Scene, types: readonly string[]): Promise<void> {
  const redis = dice.pick(stage.redis);
  for (let left = dice.between(1, 3); left > 0; left--) {
    for (const type of types) await redis.ask('CLIENT', 'KILL', 'TYPE', type);
    if (left > 1) await pause(dice.between(0, 500));
  }
}
