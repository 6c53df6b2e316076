import { Relay } from '../../tools/services/relay.js';
import { ownNode } from '../own-node.js';
import type { OwnNode } from '../servers.js';

/** Nodes with a relay in front of each, over which clients reach them. */
export interface NodeLines {
  /** The same nodes in the same order: `url` leads over the relay, and `line` breaks it. */
  readonly nodes: readonly OwnNode[];
  close(): Promise<void>;
}

/**
 * Puts a relay in front of each node, in this process, so that its connections can be cut while it runs on. What passes
 * costs this process about as much as it costs a proxy.
 *
 * @throws Error if a node's address is not known yet
 */
export async function openLines(nodes: readonly OwnNode[]): Promise<NodeLines> {
  const relays = await Promise.all(nodes.map(({ url }) => Relay.open({ port: Number(new URL(url).port) })));
  return {
    nodes: nodes.map((node, index) => lined(node, relays[index])),
    async close() {
      await Promise.all(relays.map((relay) => relay.close()));
    },
  };
}

function lined(node: OwnNode, line: Relay | undefined): OwnNode {
  if (line === undefined) return node;
  const url = new URL(node.url);
  url.port = String(line.port);
  return ownNode(node, { name: node.name, url: url.href.replace(/\/$/, ''), line });
}
