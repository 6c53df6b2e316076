import type { Hono } from 'hono';
import { CoscribeError } from '../../../shared/errors.js';
import { demand } from '../../documents/permissions.js';
import type { ApiDeps } from '../api-deps.js';
import { asker, type Call, type HttpEnv, NO_STORE } from '../call.js';
import { type Repeats, receiptOf, refuseKey } from '../idempotency.js';
import { queryOf } from '../query.js';
import { parseWorkspace } from '../workspaces.js';
import { ArchiveTurns } from './archive-turns.js';
import { documentsOf } from './documents-of.js';
import { exportWorkspace } from './export-workspace.js';
import { type Existing, type ImportResult, importWorkspace } from './import-workspace.js';
import { ReceivedFile } from './received-file.js';
import { streamOf } from './stream-of.js';

const WORKSPACE = '/api/workspaces/:workspace';
const ZIP_TYPES = ['application/zip', 'application/x-zip-compressed'];
const RESULTS = ['created', 'skipped', 'failed'] as const;

/** Adds whole workspaces as one file: to take along, and to bring. */
export function addArchives(app: Hono<HttpEnv>, deps: ApiDeps, repeats: Repeats): void {
  const turns = new ArchiveTurns();
  app.get(`${WORKSPACE}/export`, (c) => exported(c, deps, turns));
  app.post(`${WORKSPACE}/import`, (c) => imported(c, deps, turns, repeats));
}

async function exported(c: Call, deps: ApiDeps, turns: ArchiveTurns): Promise<Response> {
  const { clock, documents, making, management, log } = deps;
  queryOf(c);
  const workspace = workspaceOf(c);
  const credentials = asker(c);
  const sender = await making.sender(credentials);
  const listed = documentsOf(workspace, credentials, management);
  // Whatever is refused is refused before the archive begins.
  const first = await listed.next();
  if (first.done && management.mode === 'links')
    throw new CoscribeError(
      'not-allowed',
      'a link opens one document, and there is none here that yours opens',
    );
  const headers = {
    ...NO_STORE,
    'Content-Type': 'application/zip',
    'Content-Disposition': `attachment; filename="${workspace}.zip"`,
  };
  if (c.req.method === 'HEAD') return c.body(null, 200, headers);
  const end = turns.take(sender);
  const archive = exportWorkspace({
    ...deps,
    workspace,
    documents: following(first, listed),
    async admit(id) {
      demand((await documents.admit(id, credentials)).grant.role, 'read');
    },
  });
  const stream = streamOf(archive, clock, (error) => {
    end();
    if (error === undefined) return;
    log.warn({ workspace, err: error }, 'The archive of a workspace ended early');
    c.env.outgoing.destroy();
  });
  return c.body(stream, 200, headers);
}

async function imported(c: Call, deps: ApiDeps, turns: ArchiveTurns, repeats: Repeats): Promise<Response> {
  const { making, management, limits, log } = deps;
  const workspace = workspaceOf(c);
  const existing = existingOf(queryOf(c, ['existing']).existing);
  const credentials = asker(c);
  const sender = await making.maker(credentials);
  if (management.mode === 'links') refuseKey(c);
  const end = turns.take(sender);
  let archive: ReceivedFile | undefined;
  try {
    archive = await ReceivedFile.receive(c.env.incoming, ZIP_TYPES, limits.maxArchiveBytes);
    const source = archive;
    const receipt = receiptOf(c, sender, source.digest);
    return await repeats.once(c, receipt, async () => {
      const { documents, left } = await importWorkspace(source, {
        workspace,
        existing,
        credentials,
        making,
        maxDocumentBytes: limits.maxDocumentBytes,
        onFault: (name, err) => log.error({ workspace, name, err }, 'A document could not be imported'),
        // The answer to a key is kept, for whoever comes back for it.
        isAwaited: () => receipt !== undefined || !c.env.outgoing.destroyed,
      });
      if (left > 0) {
        const counts = Object.fromEntries(RESULTS.map((name) => [name, countOf(documents, name)]));
        log.info({ workspace, ...counts, left }, 'An import ended early: its sender has left');
      }
      return { status: 200, headers: {}, json: { documents } };
    });
  } finally {
    await archive?.close();
    end();
  }
}

function countOf(documents: readonly ImportResult[], result: ImportResult['result']): number {
  return documents.filter((one) => one.result === result).length;
}

/** All of them, when the first was looked at already. */
async function* following<T>(
  first: IteratorResult<T, void>,
  others: AsyncIterable<T>,
): AsyncGenerator<T, void> {
  if (first.done) return;
  yield first.value;
  yield* others;
}

/** @throws CoscribeError `invalid-document-id` */
function workspaceOf(c: Call): string {
  return parseWorkspace(c.req.param('workspace') ?? '');
}

/** @throws CoscribeError `bad-request` */
function existingOf(given: string | undefined): Existing {
  if (given === undefined || given === 'skip') return 'skip';
  if (given === 'fail') return 'fail';
  throw new CoscribeError('bad-request', '"existing" is "skip" or "fail"');
}
