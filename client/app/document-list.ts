import { DEFAULT_WORKSPACE, type DocumentId, parseDocumentId } from '../../shared/ids.js';
import type { Role } from '../../shared/protocol.js';
import { askApi } from './api.js';
import { make } from './dom.js';
import type { KeptDocument } from './kept-documents.js';
import { relativeTime } from './relative-time.js';
import { ROLE_WORDS } from './share-links.js';
import { bindTwoStep } from './two-step.js';

/** A document in the list. */
export interface ListedDocument {
  readonly id: DocumentId;
  /** ISO 8601 */
  readonly updatedAt?: string | undefined;
  /** This browser keeps a token for it, which allows so much. */
  readonly kept?: Role;
  readonly gone?: KeptDocument['gone'];
}

/** What `GET /api/documents` says, with the server's time. @throws ApiError */
export async function readDocuments(
  token: string | undefined,
): Promise<{ readonly documents: readonly ListedDocument[]; readonly now: number }> {
  const { value, now } = await askApi('/api/documents?limit=100', { token });
  const { documents } = value as { documents: readonly { id: string; updatedAt: string }[] };
  return { documents: documents.map(({ id, updatedAt }) => ({ id: parseDocumentId(id), updatedAt })), now };
}

/** What the server lists, and after it what only a kept token opens. */
export function mergeDocuments(
  listed: readonly ListedDocument[],
  kept: readonly KeptDocument[],
): readonly ListedDocument[] {
  const ids = new Set(listed.map(({ id }) => id));
  const others = kept.filter(({ id }) => !ids.has(id));
  return [...listed, ...others.map(({ id, role, updatedAt, gone }) => ({ id, updatedAt, kept: role, gone }))];
}

/** "can write · edited 3 minutes ago"; `now` in milliseconds since the Unix epoch. */
export function documentFacts({ updatedAt, kept, gone }: ListedDocument, now: number): string {
  if (gone === 'deleted') return 'deleted';
  if (gone === 'closed') return 'opens no longer';
  const role = kept === undefined ? [] : [kept === 'owner' ? 'yours' : ROLE_WORDS[kept]];
  const edited = updatedAt === undefined ? [] : [`edited ${relativeTime(Date.parse(updatedAt), now)}`];
  return [...role, ...edited].join(' · ');
}

interface ListActions {
  /** Gives up the token of a document. */
  forget(id: DocumentId): void;
  tell(message: string): void;
}

/** Shows documents in `list`; rows stay where they are unless they moved, so that the keyboard focus stays in them. */
export function showDocuments(
  list: HTMLElement,
  documents: readonly ListedDocument[],
  now: number,
  actions: ListActions,
): void {
  const rows = new Map(
    [...list.children].map((row) => [(row as HTMLElement).dataset.row, row as HTMLElement]),
  );
  documents.forEach((entry, index) => {
    const key = `${entry.id} ${entry.kept ?? ''}`;
    const row = rows.get(key) ?? newRow(entry, key, actions);
    rows.delete(key);
    const time = row.querySelector('time');
    const text = documentFacts(entry, now);
    if (time !== null && time.textContent !== text) {
      time.textContent = text;
      if (entry.updatedAt !== undefined) {
        time.dateTime = entry.updatedAt;
        time.title = new Date(entry.updatedAt).toLocaleString();
      }
    }
    const there = list.children[index];
    if (there !== row) list.insertBefore(row, there ?? null);
  });
  for (const row of rows.values()) row.remove();
}

function newRow({ id, kept }: ListedDocument, key: string, { forget, tell }: ListActions): HTMLElement {
  const slash = id.indexOf('/');
  const title = make('span', 'doc-name', id.slice(slash + 1));
  const workspace = id.slice(0, slash);
  if (workspace !== DEFAULT_WORKSPACE) title.prepend(make('span', 'doc-workspace', `${workspace}/`));
  const link = make('a', 'doc', title, make('time', ''));
  link.href = `/d/${id}`;
  const row = make('li', '', link);
  row.dataset.row = key;
  if (kept === undefined) return row;
  link.id = `doc-${id}`;
  const button = make('button', 'button small quiet', 'Forget');
  button.type = 'button';
  button.setAttribute('aria-describedby', link.id);
  bindTwoStep(button, {
    sure: kept === 'owner' ? 'Give it up?' : 'Forget it?',
    tell,
    run: () => forget(id),
  });
  row.append(button);
  return row;
}
