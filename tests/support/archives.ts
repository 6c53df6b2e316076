import { createHash } from 'node:crypto';
import { unzipSync, type Zippable, zipSync } from 'fflate';
import * as Y from 'yjs';

/** What a manifest says, as somebody else reads it. */
export interface ReadManifest {
  readonly format: string;
  readonly version: number;
  readonly workspace: string;
  readonly createdAt: string;
  readonly documents: readonly {
    readonly name: string;
    readonly generation?: string;
    readonly seq?: number;
    readonly createdAt?: string;
    readonly updatedAt?: string;
    readonly sha256?: string;
    readonly error?: string;
  }[];
}

/** An archive, read by another program than the one that has written it. */
export function readArchive(bytes: Uint8Array): {
  readonly manifest: ReadManifest;
  readonly files: Readonly<Record<string, Uint8Array>>;
  text(name: string): string;
} {
  const files = unzipSync(bytes);
  return {
    manifest: JSON.parse(Buffer.from(files['manifest.json'] ?? []).toString()) as ReadManifest,
    files,
    text: (name) => Buffer.from(files[name] ?? []).toString(),
  };
}

/** An archive of documents with these states, made by another program. */
export function archiveOf(
  states: Readonly<Record<string, Uint8Array>>,
  more: { readonly manifest?: boolean; readonly files?: Zippable } = {},
): Buffer {
  const documents = Object.entries(states).map(([name, state]) => ({ name, sha256: sha256(state) }));
  const manifest = { format: 'coscribe-archive', version: 1, documents };
  return Buffer.from(
    zipSync({
      ...(more.manifest !== false && { 'manifest.json': Buffer.from(JSON.stringify(manifest)) }),
      ...Object.fromEntries(Object.entries(states).map(([name, state]) => [`documents/${name}.yjs`, state])),
      ...more.files,
    }),
  );
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The state of a document that somebody else has written: a text in the root of text areas. */
export function stateOf(text: string): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('text').insert(0, text);
  const state = Y.encodeStateAsUpdate(doc);
  doc.destroy();
  return state;
}
