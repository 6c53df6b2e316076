import type { Readable } from 'node:stream';
import type { Existing, ImportResult } from '../../server/http/archive/import-workspace.js';
import type { ArchiveFile } from './archive-file.js';

/** Where workspaces are: a server that runs, or a store that nobody serves. */
export interface WorkspaceHome {
  /**
   * All documents of a workspace as a zip archive. It fails when it breaks off.
   *
   * @throws CommandError with what the server says, or why it cannot be had
   */
  export(workspace: string): Promise<Readable>;
  /** Makes documents of an archive. @throws as `export` */
  import(workspace: string, archive: ArchiveFile, existing: Existing): Promise<readonly ImportResult[]>;
  close(): Promise<void>;
}
