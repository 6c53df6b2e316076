import { existsSync } from 'node:fs';
import { LIMIT_OPTIONS } from '../../server/config/limit-options.js';
import { loadConfig } from '../../server/config/load-config.js';
import { documentsOf } from '../../server/http/archive/documents-of.js';
import { exportWorkspace } from '../../server/http/archive/export-workspace.js';
import { importWorkspace } from '../../server/http/archive/import-workspace.js';
import { startNode } from '../../server/node.js';
import type { Log } from '../../server/telemetry/log.js';
import { UsageError } from '../../tools/usage-error.js';
import type { CommandIo } from '../command.js';
import { CommandError } from '../command-error.js';
import type { WorkspaceHome } from './workspace-home.js';

export interface StoreTarget {
  readonly store: string;
  /** Whether new documents are their owner's by a link, as on a server with `--auth links`. */
  readonly links: boolean;
  readonly mayCreate: boolean;
  readonly env: CommandIo['env'];
  readonly log: Log;
}

/** What was deleted stays as long as the server wants it, which is not known here: ten years, in milliseconds. */
const FOR_GOOD_MS = `${3650 * 86_400_000}`;

/** Nobody in particular: what a store holds is its operator's. */
const OPERATOR = { headers: {}, address: '127.0.0.1' } as const;

/**
 * The workspaces of a store that nobody serves: a node of its own, without any way in.
 *
 * @throws UsageError, CommandError, StoreOpenError, ConfigError
 */
export async function storeHome({ store, links, mayCreate, env, log }: StoreTarget): Promise<WorkspaceHome> {
  if (store === 'memory:') throw new UsageError('"memory:" holds nothing that could be taken along.');
  const file = /^sqlite:(.+)$/s.exec(store)?.[1];
  if (!mayCreate && file !== undefined && !existsSync(file))
    throw new CommandError(`There is no store ${file}.`);
  const flags = ['--store', store, '--auth', links ? 'links' : 'open', '--keep-deleted-ms', FOR_GOOD_MS];
  const config = loadConfig(flags, limitsIn(env));
  const node = await startNode({ config, log });
  const { services, management, making } = node;
  return {
    async export(workspace) {
      const documents = documentsOf(workspace, OPERATOR, management);
      return exportWorkspace({ ...services, workspace, documents, admit: () => Promise.resolve() });
    },
    async import(workspace, archive, existing) {
      const { documents } = await importWorkspace(archive, {
        workspace,
        existing,
        credentials: OPERATOR,
        making,
        maxDocumentBytes: config.maxDocumentBytes,
        onFault: (name, err) => log.error({ err }, `${name} could not be imported`),
      });
      return documents;
    },
    async close() {
      await node.stop(() => Promise.resolve());
    },
  };
}

/** The server's limits are these documents', too; where it listens, and for whom, is of no concern. */
function limitsIn(env: CommandIo['env']): Record<string, string | undefined> {
  const names = new Set<string>(Object.values(LIMIT_OPTIONS).map((option) => option.env));
  return Object.fromEntries(Object.entries(env).filter(([name]) => names.has(name)));
}
