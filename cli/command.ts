import type { Readable, Writable } from 'node:stream';
import type { OptionHelp } from '../tools/command-line/option-help.js';

export type { OptionHelp };

/** Where a command reads and writes: a process' own, or a test's. */
export interface CommandIo {
  readonly stdin: Readable;
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
  /**
   * Aborted by the first Ctrl-C or SIGTERM, and when nobody reads the output any more: the command ends in order. A second
   * one ends the process. Whoever never asks for it is ended by the first, as any program.
   */
  readonly signal: AbortSignal;
}

/** One of the words after `coscribe`. Each is in a file of its own, loaded when it is asked for. */
export interface Command {
  readonly name: string;
  /** One line of the list of all commands. */
  readonly summary: string;
  /** What follows the name: `[options] FILE`. */
  readonly synopsis: string;
  /** Paragraphs for `coscribe NAME --help`, between synopsis and options: what it does, and why one would. */
  readonly description: string;
  readonly options: readonly OptionHelp[];
  /** Command lines with what they do: the help ends with them. */
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /** What its exit codes mean, beside 0. 2 is always: the options make no sense, or it could not begin. */
  readonly exitCodes: Readonly<Record<number, string>>;
  /**
   * Never called with `--help` among `argv`: that is printed from the table.
   *
   * @returns the exit code
   * @throws UsageError whose sentence says what to write instead (exit code 2)
   */
  run(argv: readonly string[], io: CommandIo): Promise<number>;
}
