import { REPLAY_OPTIONS } from '../../tools/replay/options.js';
import type { Command } from '../command.js';

export const replay: Command = {
  name: 'replay',
  summary: 'Play a recorded editing session through real clients, and compare what they end with.',
  synopsis: '--trace FILE [options]',
  description: `Plays a recorded editing session through real clients, one for each author, and compares what everybody has in the end, and what a fresh client then reads, with what the recording ends with.`,
  options: REPLAY_OPTIONS,
  examples: [
    {
      line: 'coscribe replay --trace sveltecomponent.json.gz',
      does: 'as fast as it goes, on a server of its own',
    },
    {
      line: 'coscribe replay --trace friendsforever.json.gz --url http://localhost:8080 --speed 20',
      does: 'to watch it in a browser; it prints the name of the document',
    },
  ],
  exitCodes: { 1: 'something is not equal, or the server stopped answering', 130: 'interrupted' },
  async run(argv, io) {
    const { runReplay } = await import('../../tools/replay/run.js');
    return runReplay(argv, io);
  },
};
