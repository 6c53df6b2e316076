import type { OwnNode } from './servers.js';

/** A process that is started again and again at one address: whatever of it changes is asked for when it is needed. */
type Startable = Omit<OwnNode, 'name' | 'url' | 'line'>;

/** What the tool has started, as the rest of it sees it. */
export function ownNode(node: Startable, facts: Pick<OwnNode, 'name' | 'url' | 'line'>): OwnNode {
  return {
    ...facts,
    get pid() {
      return node.pid;
    },
    get running() {
      return node.running;
    },
    start: () => node.start(),
    stop: () => node.stop(),
    kill: () => node.kill(),
    pause: () => node.pause(),
    resume: () => node.resume(),
  };
}
