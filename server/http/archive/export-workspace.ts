import type { Readable } from 'node:stream';
import { type CoscribeError, type ErrorCode, toCoscribeError } from '../../../shared/errors.js';
import type { DocumentId } from '../../../shared/ids.js';
import { backoff, type Clock, type Random } from '../../../shared/time.js';
import type { DocumentCopies } from '../../copies/copies.js';
import type { DocumentSummary } from '../../storage/store.js';
import {
  type ArchivedDocument,
  type LackingDocument,
  MANIFEST,
  readableFile,
  stateFile,
  writeManifest,
} from './manifest.js';
import { sha256 } from './sha256.js';
import { ZipWriter } from './zip-writer.js';

export interface ExportSource {
  readonly workspace: string;
  /** Those that the asker may read, one after the other. */
  readonly documents: AsyncIterable<DocumentSummary>;
  /** @throws CoscribeError `no-access` if he may not read it any more; whatever else says that he is nobody any more */
  admit(id: DocumentId): Promise<void>;
  readonly copies: Pick<DocumentCopies, 'view' | 'letGo'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** How often a document is tried again that cannot be read for a passing reason, and how long that waits, in milliseconds. */
const ATTEMPTS = 4;
const RETRY_BASE_MS = 200;
const RETRY_MAX_MS = 2_000;

/** Whoever asked is nobody any more, or the server ends: the archive ends there, and shows that by having no end. */
const ENDING: ReadonlySet<ErrorCode> = new Set(['unauthenticated', 'token-expired', 'shutting-down']);

/**
 * All documents of a workspace as a zip archive: one document is read at a time, and only when the one before it is packed, which
 * goes as fast as the archive is taken. Destroying it ends the reading.
 *
 * @returns a stream that fails with the CoscribeErrors `unauthenticated`, `token-expired`, `shutting-down`, and with what
 *   `documents` throws. A document that cannot be read for another reason is named in the manifest with that reason
 */
export function exportWorkspace(source: ExportSource): Readable {
  const zip = new ZipWriter();
  fill(zip, source).catch((error) => zip.output.destroy(error));
  return zip.output;
}

async function fill(zip: ZipWriter, source: ExportSource): Promise<void> {
  const { workspace, clock } = source;
  const created = clock.wall();
  const listed: (ArchivedDocument | LackingDocument)[] = [];
  for await (const summary of source.documents) {
    const name = summary.id.slice(workspace.length + 1);
    const { updatedAt } = summary;
    const found = await patiently(() => read(summary.id, source), source);
    // Else a large workspace would be in memory as a whole, for as long as documents are kept.
    source.copies.letGo(summary.id);
    if ('code' in found) {
      if (found.code !== 'no-access') listed.push({ name, error: found.code });
      continue;
    }
    const { generation, seq, state, readable } = found;
    await zip.file(stateFile(name), state, updatedAt);
    if (readable !== undefined)
      await zip.file(readableFile(name, readable.extension), readable.body, updatedAt);
    listed.push({
      name,
      generation,
      seq,
      createdAt: new Date(summary.createdAt).toISOString(),
      updatedAt: new Date(updatedAt).toISOString(),
      sha256: await sha256(state),
    });
  }
  const manifest = writeManifest(workspace, new Date(created).toISOString(), listed);
  await zip.file(MANIFEST, manifest, created);
  zip.end();
}

/** A document as it goes into an archive. */
interface Found {
  readonly generation: string;
  readonly seq: number;
  readonly state: Uint8Array;
  /** Absent if there is nothing to read in it. */
  readonly readable?: { readonly extension: string; readonly body: Uint8Array };
}

async function read(id: DocumentId, { admit, copies }: ExportSource): Promise<Found> {
  await admit(id);
  const { generation, seq, body: state } = await copies.view(id, { as: 'state' });
  const found = { generation, seq, state };
  const markdown = await copies.view(id, { as: 'markdown' });
  if (markdown.body.length > 0) return { ...found, readable: { extension: 'md', body: markdown.body } };
  const json = await copies.view(id, { as: 'json' });
  // What has no roots is `{}`.
  if (json.body.length <= 2) return found;
  return { ...found, readable: { extension: 'json', body: json.body } };
}

/** @returns why it cannot be had, if it cannot @throws CoscribeError of a code in `ENDING` */
async function patiently<T>(
  read: () => Promise<T>,
  { clock, random }: Pick<ExportSource, 'clock' | 'random'>,
): Promise<T | CoscribeError> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (thrown) {
      const error = toCoscribeError(thrown);
      if (ENDING.has(error.code)) throw error;
      if (!error.retryable || attempt === ATTEMPTS) return error;
      const pause = backoff(attempt - 1, RETRY_BASE_MS, RETRY_MAX_MS, random);
      await new Promise<void>((resolve) => {
        clock.schedule(pause, resolve);
      });
    }
  }
}
