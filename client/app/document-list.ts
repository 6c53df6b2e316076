import { DEFAULT_WORKSPACE } from '../../shared/ids.js';
import { make } from './dom.js';
import { relativeTime } from './relative-time.js';

/** A row of `GET /api/documents`, as far as it is shown. */
export interface ListedDocument {
  readonly id: string;
  readonly workspace: string;
  readonly name: string;
  readonly updatedAt: string;
}

interface Places {
  readonly list: HTMLElement;
  readonly empty: HTMLElement;
  readonly state: HTMLElement;
}

/** How often the list is read again while the page is looked at, in milliseconds. */
const POLL_MS = 4000;

/** Keeps the list of documents up to date: every few seconds, and when somebody comes back to the page. */
export function watchDocuments(places: Places): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reading = false;
  const refresh = async () => {
    if (reading) return;
    reading = true;
    clearTimeout(timer);
    try {
      const { documents, now } = await readDocuments();
      showDocuments(places, documents, now);
    } catch {
      places.state.textContent = 'The list can’t be read at the moment; trying again…';
    } finally {
      reading = false;
      if (!document.hidden) timer = setTimeout(refresh, POLL_MS);
    }
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) clearTimeout(timer);
    else void refresh();
  });
  addEventListener('focus', () => void refresh());
  addEventListener('pageshow', () => void refresh());
  void refresh();
}

/** The list, and the server's time: the clock of this device may be wrong. */
async function readDocuments(): Promise<{ documents: readonly ListedDocument[]; now: number }> {
  const response = await fetch('/api/documents?limit=100', {
    cache: 'no-store',
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`The list was answered with ${response.status}.`);
  const { documents } = (await response.json()) as { documents: readonly ListedDocument[] };
  const date = Date.parse(response.headers.get('Date') ?? '');
  return { documents, now: Number.isNaN(date) ? Date.now() : date };
}

function showDocuments(
  { list, empty, state }: Places,
  documents: readonly ListedDocument[],
  now: number,
): void {
  // Only when it says something new: it is a live region.
  if (state.textContent !== '') state.textContent = '';
  empty.hidden = documents.length > 0;
  const rows = new Map(
    [...list.children].map((row) => [(row as HTMLElement).dataset.id, row as HTMLElement]),
  );
  documents.forEach((entry, index) => {
    const row = rows.get(entry.id) ?? newRow(entry);
    rows.delete(entry.id);
    const time = row.querySelector('time');
    const text = `edited ${relativeTime(Date.parse(entry.updatedAt), now)}`;
    if (time !== null && time.textContent !== text) {
      time.textContent = text;
      time.dateTime = entry.updatedAt;
      time.title = new Date(entry.updatedAt).toLocaleString();
    }
    // Rows stay where they are unless they moved, so that the keyboard focus stays in them.
    const there = list.children[index];
    if (there !== row) list.insertBefore(row, there ?? null);
  });
  for (const row of rows.values()) row.remove();
}

function newRow(entry: ListedDocument): HTMLElement {
  const title = make('span', 'doc-name', entry.name);
  if (entry.workspace !== DEFAULT_WORKSPACE)
    title.prepend(make('span', 'doc-workspace', `${entry.workspace}/`));
  const link = make('a', 'doc', title, make('time', ''));
  link.href = `/d/${entry.id}`;
  const row = make('li', '', link);
  row.dataset.id = entry.id;
  return row;
}
