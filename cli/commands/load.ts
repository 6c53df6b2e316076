import { OPTIONS } from '../../load/options/table.js';
import type { Command } from '../command.js';

export const load: Command = {
  name: 'load',
  summary: 'Have thousands of clients type, find out where it breaks, and check that nothing was lost.',
  synopsis: '[options] [URL...]',
  description: `Drives the servers at the addresses with clients that type as people do, shows how quickly their edits are saved and shown to others, and compares everything in the end: whether all clients are equal, whether an acknowledged edit is lost, whether there is text that nobody typed. With several addresses the clients choose one by turns: they must serve the same documents.

Without an address it starts a node of its own for the time, and with --nodes a cluster, which it can also break (--chaos) while everybody types. --find looks for the number of typists at which an objective breaks. --protocol drives other Yjs servers.

The documents are new ones, load/… unless --workspace says otherwise; on servers that were there already they stay. Ctrl-C ends it with the figures so far, a second one at once.`,
  options: OPTIONS,
  examples: [
    { line: 'coscribe load', does: 'a node of its own, 50 clients in 10 documents, half a minute' },
    {
      line: 'coscribe load --nodes 3 --docs 100 --clients 600 --duration 60s --report=load.html',
      does: 'a cluster of its own, with a report to keep',
    },
    {
      line: 'coscribe load --nodes 3 --chaos kill=2/min,stop,redis --duration 10m',
      does: 'whether anything is lost when nodes and Redis fail',
    },
    {
      line: 'coscribe load https://docs.example.org --token file:token.txt --clients 200 --slo "p99<250ms"',
      does: 'a server that is there already; exit code 1 if it is slower than that',
    },
    {
      line: 'coscribe load --docs 1 --clients 1000 --find "p99<250ms"',
      does: 'how many people can type in one document',
    },
    {
      line: 'coscribe load ws://localhost:1234 --protocol y-websocket',
      does: 'another Yjs server, for comparison',
    },
  ],
  exitCodes: {
    1: 'something is wrong: the verdict says what, an objective of --slo does not hold, or everybody was refused for good',
    3: 'the servers, or processes that play clients, were gone for good',
    130: 'ended with Ctrl-C; the figures are those up to then. 143 with SIGTERM, 141 when nobody reads its output any more (| head)',
  },
  async run(argv, io) {
    const { readLoadOptions } = await import('../../load/options/read-options.js');
    const options = readLoadOptions(argv, { env: io.env, isTerminal: io.stdout.isTTY === true });
    const { launchLoad } = await import('../../load/run/launch.js');
    return launchLoad(options, io);
  },
};
