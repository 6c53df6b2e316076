import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import { forgetCopy, type KeptCopyFacts, listOffline } from '../offline/kept-copies.js';

/** A document that this device keeps. */
export interface KeptHere {
  readonly id: DocumentId;
  /** For whom; see `scopeOf`. */
  readonly scope: string;
  /** Changes that the server may not have. */
  readonly unsavedChanges: number;
}

/** The documents that this device keeps of this server's pages, for everybody; none where it keeps nothing. */
export async function keptHere(): Promise<readonly KeptHere[]> {
  return (await ownCopies()).map(({ document, scope, unsavedChanges }) => ({
    id: parseDocumentId(document),
    scope,
    unsavedChanges,
  }));
}

/** Wipes those that are saved: of what is not, whoever opens it again gets his words first. */
export async function forgetSaved(which: (kept: KeptHere) => boolean): Promise<void> {
  await forgetHere((kept) => kept.unsavedChanges === 0 && which(kept));
}

/** Wipes documents, saved or not. */
export async function forgetHere(which: (kept: KeptHere) => boolean): Promise<void> {
  const copies = await ownCopies();
  await Promise.all(
    copies
      .filter((copy) => which({ ...copy, id: parseDocumentId(copy.document) }))
      .map((copy) =>
        forgetCopy(copy).catch(() => {
          // It is found again another time.
        }),
      ),
  );
}

/** Not those of other programs that this origin serves beside the pages. */
async function ownCopies(): Promise<readonly KeptCopyFacts[]> {
  try {
    return (await listOffline()).filter(({ server }) => server === `${location.origin}/socket.io`);
  } catch {
    // There is no IndexedDB here, or it can't be opened.
    return [];
  }
}
