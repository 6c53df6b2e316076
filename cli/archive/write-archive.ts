import { addAbortSignal, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CommandIo } from '../command.js';
import { type ArchiveContents, ArchiveFile } from './archive-file.js';
import { writeWhole } from './output-file.js';

/** What an archive has, and how long it is. */
export interface WrittenArchive extends ArchiveContents {
  readonly bytes: number;
}

/**
 * Writes an archive whole or not at all; not at all, too, if there is no document in it, read or not.
 *
 * @param file its name, or `-` for standard output
 * @throws CommandError if it cannot be written; what `archive` fails with
 */
export async function writeArchive(
  archive: Readable,
  file: string,
  { replace, io }: { readonly replace: boolean; readonly io: Pick<CommandIo, 'stdin' | 'stdout' | 'signal'> },
): Promise<WrittenArchive> {
  const { signal, stdin, stdout } = io;
  if (file === '-') {
    // What it has is known at its end only.
    const spooled = await ArchiveFile.open('-', addAbortSignal(signal, archive));
    try {
      const written = { ...(await spooled.contents()), bytes: spooled.length };
      if (!isEmpty(written)) await pipeline(spooled.stream(), stdout, { end: false, signal });
      return written;
    } finally {
      await spooled.close();
    }
  }
  let written: WrittenArchive = { documents: 0, lacking: [], bytes: 0 };
  const accept = async (partial: string) => {
    const opened = await ArchiveFile.open(partial, stdin);
    try {
      written = { ...(await opened.contents()), bytes: opened.length };
      return !isEmpty(written);
    } finally {
      await opened.close();
    }
  };
  await writeWhole(file, archive, { replace, signal, accept });
  return written;
}

/** Whether there is nothing to be had of the workspace. */
export function isEmpty({ documents, lacking }: ArchiveContents): boolean {
  return documents === 0 && lacking.length === 0;
}
