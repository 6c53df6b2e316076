import { withoutPassword } from '../shared/without-password.js';
import { suggestion } from '../tools/command-line/nearest.js';
import { UsageError } from '../tools/usage-error.js';
import type { CommandIo } from './command.js';
import { COMMANDS, type CommandEntry } from './commands.js';
import { commandHelp } from './help.js';
import { exitCodeAfter } from './interrupted.js';
import { pageFor } from './page.js';
import { problemOf } from './problem.js';

/** Flags that stand alone, with the commands that they are short for. */
const FLAG_COMMANDS: ReadonlyMap<string, string> = new Map([
  ['-h', 'help'],
  ['--help', 'help'],
  ['-v', 'version'],
  ['--version', 'version'],
]);

/**
 * Runs what a command line asks for. Never rejects: what goes wrong is told on standard error.
 *
 * @param argv what follows `coscribe`
 * @returns the exit code
 */
export async function runCommand(argv: readonly string[], io: CommandIo): Promise<number> {
  let name = '';
  try {
    const { entry, rest } = chosen(argv);
    name = entry.name;
    const command = await entry.load();
    if (!asksForHelp(rest)) return exitCodeAfter(await command.run(rest, io), io.signal);
    io.stdout.write(`${commandHelp(command, pageFor(io))}\n`);
    return 0;
  } catch (error) {
    // Whatever it broke off with, it was for this.
    const { code, text } = problemOf(io.signal.aborted ? io.signal.reason : error, name);
    if (text !== '') io.stderr.write(`${text}\n`);
    return code;
  }
}

interface Chosen {
  readonly entry: CommandEntry;
  readonly rest: readonly string[];
}

/** @throws UsageError if there is no such command */
function chosen(argv: readonly string[]): Chosen {
  const [first = '', ...others] = argv;
  const alone = FLAG_COMMANDS.get(first);
  // Flags without a command are the server's.
  const isFlag = first === '' || first.startsWith('-');
  const name = alone ?? (isFlag ? 'start' : first);
  const entry = COMMANDS.find((candidate) => candidate.name === name);
  if (entry !== undefined) return { entry, rest: alone === undefined && isFlag ? argv : others };
  const names = COMMANDS.map((candidate) => candidate.name);
  const near = suggestion(first, names) || '.';
  throw new UsageError(`"${withoutPassword(first)}" is no command${near} coscribe --help lists them.`);
}

function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).some((word) => word === '--help' || word === '-h');
}
