import { CoscribeError, type ErrorCode, toCoscribeError } from '../../../shared/errors.js';
import { type DocumentId, parseDocumentId } from '../../../shared/ids.js';
import type { Credentials } from '../../auth/access.js';
import type { MadeDocument, Making } from '../../documents/making.js';
import { quoted } from '../json-body.js';
import { newLink } from '../shown-link.js';
import { MAX_RATIO, mostUnpacked } from './archive-bounds.js';
import { documentIn, MANIFEST, readManifest } from './manifest.js';
import { sha256 as hashOf } from './sha256.js';
import { readDirectory, type ZipEntry, type ZipSource } from './zip-reader.js';

const MAX_ENTRIES = 100_000;
/** The manifest is read in one go: so many bytes for each file, of which a document of ours needs a third, and for itself. */
const MANIFEST_BYTES_PER_FILE = 1024;
const MANIFEST_BYTES = 64 * 1024;
const MAX_MANIFEST_BYTES = 32 * 1024 * 1024;
/** Names that are none, and names without a document. Each has a line in the answer, and costs its sender next to nothing. */
const MAX_MISFITS = 1_000;
/** Names of documents that stand in the way, in a sentence about them. */
const NAMED = 5;

/** Of what is no name, as much as is repeated in an answer. */
const MAX_SHOWN_NAME = 80;

/** What is to happen to documents whose names are taken: nothing, or nothing at all to any document. */
export type Existing = 'skip' | 'fail';

/** What became of one document of an archive. */
export interface ImportResult {
  readonly name: string;
  readonly result: 'created' | 'skipped' | 'failed';
  /** Why it was not created. */
  readonly code?: ErrorCode;
  readonly detail?: string;
  /** For its owner, where nobody is known but by links. */
  readonly link?: ReturnType<typeof newLink>;
}

export interface ImportTarget {
  readonly workspace: string;
  readonly existing: Existing;
  readonly credentials: Credentials;
  readonly making: Pick<Making, 'isTaken' | 'bring'>;
  readonly maxDocumentBytes: number;
  /** A document could not be created, and it is the server's fault. */
  onFault(name: string, error: CoscribeError): void;
  /** Whether anybody waits for the answer; if not the import ends between two documents. */
  readonly isAwaited?: () => boolean;
}

/** What became of the documents of an archive. */
export interface Imported {
  readonly documents: readonly ImportResult[];
  /** Documents that were left, as nobody waited any more. */
  readonly left: number;
}

/** A document that is to be created. */
interface Candidate {
  readonly name: string;
  readonly entry: ZipEntry;
  /** What its state must hash to, if there is a manifest. */
  readonly sha256: string | undefined;
}

/**
 * Creates the documents that are in a zip archive, one after the other: each whole or not at all, as the asker's own.
 *
 * @throws CoscribeError `bad-request` if it is no archive, or a damaged one; `document-exists`, before anything is created, if
 *   a name is taken and `existing` is `fail`
 */
export async function importWorkspace(archive: ZipSource, target: ImportTarget): Promise<Imported> {
  const { isAwaited = () => true } = target;
  const entries = await readDirectory(archive, MAX_ENTRIES);
  const unpacked = entries.reduce((sum, { size }) => sum + size, 0);
  if (unpacked > mostUnpacked(archive.length))
    throw new CoscribeError('bad-request', `the archive unpacks to more than ${MAX_RATIO} times its size`);
  const { candidates, absent } = await candidatesIn(entries);
  refuseMisfits(candidates, absent.length, target);
  if (target.existing === 'fail') await refuseTaken(candidates, target);
  const results: ImportResult[] = [];
  for (const candidate of candidates) {
    if (!isAwaited()) break;
    results.push(await bring(candidate, target));
  }
  const left = candidates.length - results.length;
  const detail = 'its state is not in the archive';
  const missing = absent.map((name) => failed(name, new CoscribeError('bad-request', detail)));
  return { documents: [...results, ...missing], left };
}

/** @returns also the documents that the manifest names and the archive has not */
async function candidatesIn(
  entries: readonly ZipEntry[],
): Promise<{ readonly candidates: readonly Candidate[]; readonly absent: readonly string[] }> {
  const manifest = entries.find(({ name }) => name === MANIFEST);
  const most = Math.min(MANIFEST_BYTES + MANIFEST_BYTES_PER_FILE * entries.length, MAX_MANIFEST_BYTES);
  const hashes = manifest && readManifest(await manifest.unpack(most));
  const candidates = new Map<string, Candidate>();
  for (const entry of entries) {
    const name = documentIn(entry.name);
    if (name === undefined) continue;
    if (candidates.has(name))
      throw new CoscribeError('bad-request', `the archive has ${quoted(entry.name)} twice`);
    candidates.set(name, { name, entry, sha256: hashes?.get(name) });
  }
  if (candidates.size === 0 && manifest === undefined)
    throw new CoscribeError(
      'bad-request',
      `the archive has neither a ${MANIFEST} nor files documents/{name}.yjs`,
    );
  const absent = [...(hashes?.keys() ?? [])].filter((name) => !candidates.has(name));
  return { candidates: [...candidates.values()], absent };
}

/** @throws CoscribeError `bad-request` for an archive of which hardly anything can become a document */
function refuseMisfits(candidates: readonly Candidate[], absent: number, target: ImportTarget): void {
  let misfits = absent;
  for (const { name } of candidates) {
    if (misfits > MAX_MISFITS) break;
    try {
      idOf(name, target);
    } catch {
      misfits++;
    }
  }
  if (misfits > MAX_MISFITS)
    throw new CoscribeError('bad-request', `the archive has more than ${MAX_MISFITS} names of no document`);
}

/** @throws CoscribeError `document-exists`, `store-unavailable` */
async function refuseTaken(candidates: readonly Candidate[], target: ImportTarget): Promise<void> {
  const taken: string[] = [];
  for (const { name } of candidates) {
    if (target.isAwaited?.() === false) return;
    if (await isTaken(name, target)) taken.push(name);
  }
  if (taken.length === 0) return;
  const more = taken.length > NAMED ? `, and ${taken.length - NAMED} more` : '';
  throw new CoscribeError(
    'document-exists',
    `${taken.slice(0, NAMED).join(', ')}${more}; nothing was imported`,
  );
}

/** Whoever may create nothing of that name does not learn it; for him it will fail. */
async function isTaken(name: string, target: ImportTarget): Promise<boolean> {
  try {
    return await target.making.isTaken(target.credentials, idOf(name, target));
  } catch (error) {
    if (toCoscribeError(error).retryable) throw error;
    return false;
  }
}

/** Never rejects: what goes wrong with one document is told of that one. */
async function bring({ name, entry, sha256 }: Candidate, target: ImportTarget): Promise<ImportResult> {
  const { making, credentials, existing, maxDocumentBytes } = target;
  try {
    const id = idOf(name, target);
    if (existing === 'skip' && (await making.isTaken(credentials, id))) return { name, result: 'skipped' };
    if (entry.size > maxDocumentBytes)
      throw new CoscribeError('document-too-large', `at most ${maxDocumentBytes} bytes`);
    const state = await entry.unpack(maxDocumentBytes);
    if (sha256 !== undefined && (await hashOf(state)) !== sha256)
      throw new CoscribeError('bad-request', `its state is not the one that the ${MANIFEST} names`);
    return created(name, await making.bring(credentials, id, state));
  } catch (thrown) {
    const error = toCoscribeError(thrown);
    if (error.code === 'internal') target.onFault(name, error);
    // Somebody was quicker.
    const isLate = error.code === 'document-exists' && existing === 'skip';
    return isLate ? { name, result: 'skipped' } : failed(name, error);
  }
}

/** @throws CoscribeError `invalid-document-id` */
function idOf(name: string, { workspace }: ImportTarget): DocumentId {
  return parseDocumentId(`${workspace}/${name}`);
}

function created(name: string, { link }: MadeDocument): ImportResult {
  return { name, result: 'created', ...(link !== undefined && { link: newLink(link) }) };
}

function failed(name: string, { code, message }: CoscribeError): ImportResult {
  return { name: name.slice(0, MAX_SHOWN_NAME), result: 'failed', code, detail: message };
}
