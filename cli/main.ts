#!/usr/bin/env node
import { shownArguments } from '../tools/command-line/shown-arguments.js';

const argv = process.argv.slice(2);
const [first = '-'] = argv;
const isServer = first.startsWith('-') && !argv.some((word) => /^(--help|-h|--version|-v)$/.test(word));

// Whoever lists processes sees the title from now on. A file keeps a secret from the first moment.
const shown = shownArguments(argv);
if (shown !== undefined) process.title = `coscribe ${shown}`;

// A node starts as fast as without the other commands: they are not even loaded.
if (isServer) process.exit(await (await import('../server/run-server.js')).runServer(argv, process.env));

const { runCommand } = await import('./run-command.js');
const { processIo } = await import('./process-io.js');
const { Interrupted } = await import('./interrupted.js');
const io = processIo();
const code = await runCommand(argv, io);
// Where writing takes its time, what was written last would be lost; and only then it is known whether anybody has read it.
const unread = await new Promise<boolean>((resolve) => {
  io.stdout.write('', (error) => resolve(error?.message.includes('EPIPE') === true));
});
process.exit(unread && code === 0 ? new Interrupted('SIGPIPE').exitCode : code);
