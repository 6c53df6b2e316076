import { DEFAULT_WORKSPACE, type DocumentId, parseDocumentId } from '../../shared/ids.js';
import type { Role } from '../../shared/protocol.js';
import { askApi } from './api.js';
import { make } from './dom.js';
import type { KeptDocument } from './kept-documents.js';
import type { KeptHere } from './kept-here.js';
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
  /** This device keeps it: changes that the server may not have. */
  readonly unsavedChanges?: number;
}

/** What `GET /api/documents` says, with the server's time. @throws ApiError */
export async function readDocuments(
  token: string | undefined,
): Promise<{ readonly documents: readonly ListedDocument[]; readonly now: number }> {
  const { value, now } = await askApi('/api/documents?limit=100', { token });
  const { documents } = value as { documents: readonly { id: string; updatedAt: string }[] };
  return { documents: documents.map(({ id, updatedAt }) => ({ id: parseDocumentId(id), updatedAt })), now };
}

/**
 * What the server lists, then what only a kept token opens, then what only this device has.
 *
 * @param here what this device keeps
 * @param isAway the server can't be asked: then everything that opens all the same is listed
 */
export function mergeDocuments(
  listed: readonly ListedDocument[],
  kept: readonly KeptDocument[],
  here: readonly KeptHere[],
  isAway: boolean,
): readonly ListedDocument[] {
  const all = new Map<DocumentId, ListedDocument>();
  for (const entry of listed) all.set(entry.id, entry);
  for (const { id, role, updatedAt, gone } of kept)
    if (!all.has(id)) all.set(id, { id, updatedAt, kept: role, gone });
  for (const { id, unsavedChanges } of here) {
    const entry = all.get(id);
    // What the server lists no longer is worth a line only for what it lacks.
    if (entry === undefined && !isAway && unsavedChanges === 0) continue;
    all.set(id, { id, ...entry, unsavedChanges: (entry?.unsavedChanges ?? 0) + unsavedChanges });
  }
  return [...all.values()];
}

/** "can write · 2 unsaved changes on this device · edited 3 minutes ago"; `now` in milliseconds since the Unix epoch. */
export function documentFacts(
  { updatedAt, kept, gone, unsavedChanges = 0 }: ListedDocument,
  now: number,
): string {
  const changes = unsavedChanges === 1 ? '1 unsaved change' : `${unsavedChanges} unsaved changes`;
  const unsaved = unsavedChanges === 0 ? [] : [`${changes} on this device`];
  if (gone !== undefined) return [gone === 'deleted' ? 'deleted' : 'opens no longer', ...unsaved].join(' · ');
  const role = kept === undefined ? [] : [kept === 'owner' ? 'yours' : ROLE_WORDS[kept]];
  const edited = updatedAt === undefined ? [] : [`edited ${relativeTime(Date.parse(updatedAt), now)}`];
  return [...role, ...unsaved, ...edited].join(' · ');
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
