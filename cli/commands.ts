import type { Command } from './command.js';
import type { ListedCommand } from './command-list.js';
import type { Group } from './groups.js';

export interface CommandEntry {
  readonly group: Group;
  readonly name: string;
  /** Each command is loaded when it is asked for: none makes the start of another slower. */
  load(): Promise<Command>;
}

/** All commands, in the order of the help. A new one: its file, and a line here. */
export const COMMANDS: readonly CommandEntry[] = [
  { group: 'serve', name: 'start', load: async () => (await import('./commands/start.js')).start },
  { group: 'serve', name: 'token', load: async () => (await import('./commands/token.js')).token },
  { group: 'try', name: 'load', load: async () => (await import('./commands/load.js')).load },
  { group: 'try', name: 'replay', load: async () => (await import('./commands/replay.js')).replay },
  { group: 'documents', name: 'export', load: async () => (await import('./commands/export.js')).exporting },
  { group: 'documents', name: 'import', load: async () => (await import('./commands/import.js')).importing },
  { group: 'stores', name: 'verify', load: async () => (await import('./commands/verify.js')).verify },
  { group: 'stores', name: 'backup', load: async () => (await import('./commands/backup.js')).backup },
  { group: 'stores', name: 'migrate', load: async () => (await import('./commands/migrate.js')).migrate },
  {
    group: 'more',
    name: 'completion',
    load: async () => (await import('./commands/completion.js')).completion(loadAll),
  },
  { group: 'more', name: 'help', load: async () => (await import('./commands/help.js')).help(loadAll) },
  { group: 'more', name: 'version', load: async () => (await import('./commands/version.js')).version },
];

/** All of them, loaded: for help and completion. */
export function loadAll(): Promise<readonly ListedCommand[]> {
  return Promise.all(COMMANDS.map(async ({ group, load }) => ({ group, command: await load() })));
}
