import type { Credentials } from '../../auth/access.js';
import type { Management } from '../../documents/management.js';
import type { DocumentSummary } from '../../storage/store.js';

/** Documents that are listed at once. */
const PAGE = 100;

/** The documents of a workspace that somebody may read, by name. @throws CoscribeError as `Management.list` */
export async function* documentsOf(
  workspace: string,
  credentials: Credentials,
  management: Pick<Management, 'list'>,
): AsyncGenerator<DocumentSummary, void> {
  const query = { workspace, order: 'name', limit: PAGE } as const;
  let page = await management.list(credentials, query);
  for (;;) {
    yield* page.documents;
    if (page.next === undefined) return;
    page = await management.list(credentials, { ...query, after: page.next });
  }
}
