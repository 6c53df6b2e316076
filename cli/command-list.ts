import type { Command } from './command.js';
import type { Group } from './groups.js';

export interface ListedCommand {
  readonly group: Group;
  readonly command: Command;
}

/** All commands, loaded, in the order of the help. */
export type LoadAll = () => Promise<readonly ListedCommand[]>;
