import { openLines } from '../faults/node-lines.js';
import type { LoadOptions } from '../options/options.js';
import type { Servers } from './start-servers.js';

/** Whether connections to nodes are to be cut, and lead to the nodes themselves. */
function needsLines({ chaos, servers }: LoadOptions): boolean {
  return servers.kind === 'own' && !servers.proxy && chaos.some(({ kind }) => kind === 'cut');
}

/** The same servers, reached over lines that can be cut if that was asked for. */
export async function overLines(servers: Servers, options: LoadOptions): Promise<Servers> {
  const { own } = servers;
  if (own === undefined || !needsLines(options)) return servers;
  const lines = await openLines(own.nodes);
  return {
    ...servers,
    targets: lines.nodes.map(({ url }) => ({ url })),
    own: { ...own, nodes: lines.nodes },
    async stop() {
      await servers.stop();
      await lines.close();
    },
  };
}
