import { CoscribeError, type ErrorCode } from '../../../shared/errors.js';
import { parseJson } from '../body.js';

export const MANIFEST = 'manifest.json';
const FORMAT = 'coscribe-archive';
const VERSION = 1;
const STATE = /^documents\/(.+)\.yjs$/s;

/** A document in an archive. Times are ISO 8601, UTC. */
export interface ArchivedDocument {
  readonly name: string;
  readonly generation: string;
  readonly seq: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Of its state, in hexadecimal. */
  readonly sha256: string;
}

/** A document that could not be read when the archive was made. */
export interface LackingDocument {
  readonly name: string;
  readonly error: ErrorCode;
}

/** Where a document's state is in an archive. */
export function stateFile(name: string): string {
  return `documents/${name}.yjs`;
}

/** Where it is for people to read. */
export function readableFile(name: string, extension: string): string {
  return `documents/${name}.${extension}`;
}

/** The name of the document whose state a file holds; `undefined` for any other file. It may be none that can be given. */
export function documentIn(file: string): string | undefined {
  return STATE.exec(file)?.[1];
}

/** What an archive says about itself, and about what is in it. @param createdAt ISO 8601 */
export function writeManifest(
  workspace: string,
  createdAt: string,
  documents: readonly (ArchivedDocument | LackingDocument)[],
): Uint8Array {
  const manifest = { format: FORMAT, version: VERSION, workspace, createdAt, documents };
  return Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * The SHA-256 of each document's state, as a manifest names them; of those that could not be read there is none.
 *
 * @throws CoscribeError `bad-request`
 */
export function readManifest(content: Uint8Array): ReadonlyMap<string, string> {
  const manifest = parseJson(content);
  if (!isRecord(manifest) || manifest.format !== FORMAT) throw unfit('is none of an archive of Coscribe');
  if (manifest.version !== VERSION) throw unfit('is of another version');
  const { documents } = manifest;
  if (!Array.isArray(documents)) throw unfit('names no documents');
  const states = new Map<string, string>();
  for (const document of documents) {
    if (!isRecord(document) || typeof document.name !== 'string')
      throw unfit('has a document without a name');
    if (typeof document.sha256 === 'string') states.set(document.name, document.sha256);
    else if (document.error === undefined) throw unfit('has a document without "sha256"');
  }
  return states;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unfit(what: string): CoscribeError {
  return new CoscribeError('bad-request', `the ${MANIFEST} in the archive ${what}`);
}
