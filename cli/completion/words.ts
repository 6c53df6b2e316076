import type { Command, OptionHelp } from '../command.js';

/** What a shell needs to know of the commands. */
export interface Vocabulary {
  readonly commands: readonly Command[];
  /** Flags without a command are those of this one. */
  readonly bare: Command;
}

/** Each is an option of every command. */
export const HELP_OPTION: OptionHelp = { name: 'help', short: 'h', help: 'Print how it is used, and exit.' };

export function optionsOf({ options }: Command): readonly OptionHelp[] {
  return [...options, HELP_OPTION];
}

/** What the value of an option is, for a shell; `none` for a switch. */
export function kindOf({
  value,
  choices,
  optional,
}: OptionHelp): 'none' | 'choices' | 'folder' | 'file' | 'other' {
  if (value === undefined || optional) return 'none';
  if (choices !== undefined) return 'choices';
  if (/^DIR/.test(value)) return 'folder';
  return /^FILE/.test(value) ? 'file' : 'other';
}

/** Text between single quotes, as shells of the family of `sh` read it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
