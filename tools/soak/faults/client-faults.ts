import type { Relay } from '../../services/relay.js';
import type { Member } from '../crowd.js';
import { pause } from '../waiting.js';
import type { Fault, Lasting, Scene } from './fault.js';

const AWAY: Lasting = { from: 1_000, to: 600_000, toInTest: 6_000 };
/** A connection over which nothing comes is given up after 30 s. */
const GIVEN_UP_WITHIN_MS = 31_000;
const LOOK_EVERY_MS = 10;

type Cut = Member & { readonly line: Relay };

/** Some clients, all of them now and then. */
function victims({ crowd, dice }: Scene): Cut[] {
  const all = crowd.members.filter((member): member is Cut => member.line !== undefined);
  return dice.some(all, dice.between(1, all.length));
}

export const CLIENT_CUT: readonly Fault[] = [
  {
    name: 'clients are cut off',
    async run(scene) {
      const cut = victims(scene);
      for (const { line } of cut) line.refuse();
      await pause(scene.lasting(AWAY));
      for (const { line } of cut) line.release();
    },
  },
  {
    name: 'the way to clients swallows everything, and then lets it through',
    async run(scene) {
      const cut = victims(scene);
      for (const { line } of cut) line.hold();
      await pause(scene.lasting(AWAY));
      for (const { line } of cut) line.release();
    },
  },
  {
    name: 'the way to clients swallows everything, and then resets connections',
    async run(scene) {
      const cut = victims(scene);
      for (const { line } of cut) line.hold();
      await pause(scene.lasting(AWAY));
      for (const { line } of cut) {
        line.cut();
        line.release();
      }
    },
  },
  {
    // For the client this is over when it knows of it.
    name: 'connections of clients are half-open for good',
    async run(scene) {
      const cut = victims(scene);
      const unaware = new Set(cut);
      const givenUpAt = performance.now() + GIVEN_UP_WITHIN_MS;
      for (const member of cut) {
        member.line.forget();
        member.provider.on('change', () => {
          if (!member.provider.synced) unaware.delete(member);
        });
      }
      // A polling client between two requests has lost nothing, and notices nothing.
      while (unaware.size > 0 && performance.now() < givenUpAt) await pause(LOOK_EVERY_MS);
    },
  },
  {
    name: 'clients are cut off again and again',
    async run(scene) {
      const cut = victims(scene);
      for (let left = scene.dice.between(2, 6); left > 0; left--) {
        for (const { line } of cut) line.cut();
        await pause(scene.dice.between(0, 1_500));
      }
    },
  },
];

export const STORM: readonly Fault[] = [
  {
    name: 'everybody loses the connection and comes back at once',
    async run({ stage, dice, healed }) {
      await stage.proxy.process.kill();
      await pause(dice.between(0, 1_000));
      // They keep this process so busy that it would hear late that the proxy is there.
      healed();
      await stage.proxy.start();
    },
  },
];
