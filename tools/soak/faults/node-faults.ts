import type { CoscribeNode } from '../../services/node.js';
import type { Stage } from '../stage.js';
import { pause } from '../waiting.js';
import { type Fault, STORE_AWAY } from './fault.js';

export const NODE_KILL: readonly Fault[] = [
  {
    name: 'a node is killed with -9',
    async run({ stage, dice, lasting }) {
      const node = dice.pick(stage.nodes);
      await stage.killNode(node);
      await pause(lasting({ from: 0, to: 5_000, toInTest: 1_500 }));
      await node.start();
    },
  },
  {
    name: 'a node is killed with -9 and started at once',
    async run({ stage, dice }) {
      const node = dice.pick(stage.nodes);
      await stage.killNode(node);
      await node.start();
    },
  },
  {
    name: 'a node is killed with -9, and again while it starts',
    async run({ stage, dice }) {
      const node = dice.pick(stage.nodes);
      await stage.killNode(node);
      await killWhileStarting(stage, node, dice.between(50, 1_000));
      if (!node.running) await node.start();
    },
  },
  {
    name: 'nodes are killed with -9, one after the other',
    async run({ stage, dice }) {
      for (const node of dice.some(stage.nodes, stage.nodes.length)) {
        await stage.killNode(node);
        await node.start();
      }
    },
  },
  {
    name: 'all nodes are killed with -9',
    async run({ stage }) {
      await Promise.all(stage.nodes.map((node) => stage.killNode(node)));
      await Promise.all(stage.nodes.map((node) => node.start()));
    },
  },
];

export const NODE_STOP: readonly Fault[] = [
  {
    name: 'a node is stopped (SIGSTOP)',
    // While it stood still, the others may have written so much that the log no longer begins where it was.
    complaints: [...STORE_AWAY, /these log rows have been trimmed/],
    async run({ stage, dice, lasting }) {
      const node = dice.pick(stage.nodes);
      node.pause();
      await pause(lasting({ from: 1_000, to: 60_000, toInTest: 10_000 }));
      node.resume();
    },
  },
];

export const ROLLING: readonly Fault[] = [
  {
    name: 'a rolling restart of all nodes',
    async run({ stage, crowd, dice }) {
      const unwatch = crowd.watchGlitches();
      for (const node of dice.some(stage.nodes, stage.nodes.length)) {
        await stage.stopNode(node);
        await node.start();
      }
      unwatch();
    },
  },
];

async function killWhileStarting(stage: Stage, node: CoscribeNode, afterMs: number): Promise<void> {
  // It may be up before, or be ended before it is.
  const starting = node.start().catch(() => {});
  await pause(afterMs);
  await stage.killNode(node);
  await starting;
}
