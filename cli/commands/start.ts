import type { Option, OptionValue } from '../../server/config/option.js';
import { OPTIONS } from '../../server/config/options.js';
import type { Command, OptionHelp } from '../command.js';

function helpOf({
  flag,
  placeholder,
  sentence,
  env,
  choices,
  default: value,
}: Option<OptionValue>): OptionHelp {
  const usual = value === '' || (Array.isArray(value) && value.length === 0) ? 'not set' : `default ${value}`;
  return {
    name: flag,
    value: placeholder,
    help: `${sentence} ${env}, ${usual}.`,
    // The empty one stands for "not set", and is not written.
    ...(choices !== undefined && { choices: choices.filter((choice) => choice !== '') }),
  };
}

/** Also what `coscribe` does without a command. */
export const start: Command = {
  name: 'start',
  summary: 'Start the server. This is also what coscribe does without a command.',
  synopsis: '[options]',
  description: `Serves collaborative documents: the pages, our own protocol, those of y-websocket, Hocuspocus and y-socket.io, and the HTTP API.

Each option is a flag or an environment variable; the flag wins. SIGTERM or Ctrl-C stops it in order: everything is saved, and every client is told to come back. A second one stops it at once.`,
  options: [
    ...Object.values<Option<OptionValue>>(OPTIONS).map(helpOf),
    { name: 'version', short: 'v', help: 'Print the version and exit.' },
  ],
  examples: [
    {
      line: 'coscribe start --port 9000 --store sqlite:/var/lib/coscribe.db',
      does: 'one node, for this machine',
    },
    { line: 'coscribe start --host 0.0.0.0 --auth links', does: 'for everybody, documents opened by links' },
    {
      line: 'COSCRIBE_STORE=postgres://… COSCRIBE_REDIS_URL=redis://… coscribe start',
      does: 'one of several nodes',
    },
  ],
  exitCodes: { 1: 'it stopped with something unfinished, or was stopped a second time' },
  async run(argv, { env }) {
    const { runServer } = await import('../../server/run-server.js');
    return runServer(argv, env);
  },
};
