import type { DocumentCopies, Followed, FollowedChange, View } from '../../server/copies/copies.js';
import { type CopiesOptions, createCopies } from '../../server/copies/create-copies.js';
import type { Admission } from '../../server/documents/admitted.js';
import type { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { documentNode, NOTES } from './document-node.js';
import { InlineCopies } from './inline-copies.js';

/** Somebody without a client who may write. */
export function asker(user = 'ada', role: Admission['grant']['role'] = 'editor'): Admission {
  return { grant: { identity: { user }, role }, revision: 0, at: 0 };
}

export const TEXT: View = { as: 'text', root: 'text' };

/** The documents of one node, and copies of them in the test's own thread. */
export function copiedNode(
  options: NonNullable<Parameters<typeof documentNode>[0]> &
    Partial<Pick<CopiesOptions, 'maxBytes' | 'maxDocuments' | 'keepMs'>> = {},
) {
  const node = documentNode(options);
  const { documents, clock, log } = node;
  const work = new InlineCopies();
  const { maxBytes = 2 ** 20, maxDocuments, keepMs } = options;
  const copies = createCopies({
    documents,
    work,
    clock,
    log,
    random: () => 0.5,
    maxBytes,
    ...(maxDocuments !== undefined && { maxDocuments }),
    ...(keepMs !== undefined && { keepMs }),
  });
  const see = async (view: View = TEXT, id: DocumentId = NOTES): Promise<string> =>
    Buffer.from((await copies.view(id, view)).body).toString();
  return { ...node, work, copies, see };
}

/** Keeps what a follower is told. */
export async function following(copies: DocumentCopies, what: Followed, id: DocumentId = NOTES) {
  const changes: FollowedChange[] = [];
  const ended: CoscribeError[] = [];
  const begun = await copies.follow(id, what, {
    changed: (more) => {
      changes.push(...more);
    },
    ended: (error) => {
      ended.push(error);
    },
  });
  return { ...begun, changes, ended, shown: JSON.parse(Buffer.from(begun.body).toString()) as unknown };
}
