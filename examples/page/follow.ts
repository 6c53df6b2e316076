/** What a page needs that only shows a document: an `EventSource`, and JSON patches (RFC 6902) applied to what it has. No Yjs. */

interface Operation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string;
  readonly value?: unknown;
}

type Container = Record<string, unknown> | unknown[];

/**
 * Shows a document, and everything that happens to it. The browser connects again by itself, and gets what it missed.
 *
 * @param show gets all of it as JSON, whenever something has changed
 */
export function follow<T>(document: string, show: (json: T) => void): EventSource {
  const events = new EventSource(`/api/documents/${document}/events?as=json`);
  let shown: unknown;
  events.addEventListener('snapshot', ({ data }) => {
    shown = JSON.parse(data).json;
    show(shown as T);
  });
  events.addEventListener('patch', ({ data }) => {
    for (const operation of JSON.parse(data).patch as Operation[]) shown = patched(shown, operation);
    show(shown as T);
  });
  return events;
}

/** The server uses three of the six operations. */
function patched(json: unknown, { op, path, value }: Operation): unknown {
  const keys = path.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop() ?? '';
  if (keys.length === 0) return value;
  let at = json as Container;
  for (const key of keys.slice(1)) at = (at as Record<string, Container>)[key] as Container;
  if (!Array.isArray(at)) {
    if (op === 'remove') delete at[last];
    else at[last] = value;
  } else if (op === 'replace') at[Number(last)] = value;
  else at.splice(Number(last), op === 'remove' ? 1 : 0, ...(op === 'add' ? [value] : []));
  return json;
}

/** The document that the address names, `?document=team/plan`, or the one of the example. */
export function followedDocument(): string {
  const example = location.pathname.split('/').at(-2) ?? 'example';
  return new URLSearchParams(location.search).get('document') ?? `examples/${example}`;
}

/** Shows on the page's header whether it is up to date. */
export function showConnection(events: EventSource): void {
  const status = document.createElement('p');
  status.className = 'status';
  status.setAttribute('role', 'status');
  document.querySelector('.bar')?.append(status);
  const tell = (kind: string, words: string): void => {
    status.dataset.kind = kind;
    status.textContent = words;
  };
  tell('saving', 'Connecting…');
  events.addEventListener('open', () => tell('saved', 'Live'));
  events.addEventListener('error', () =>
    // It comes back by itself, unless the server has said that there is nothing to come back to.
    tell('offline', events.readyState === EventSource.CLOSED ? 'Over' : 'Connecting again…'),
  );
}

/** A row of a table. */
export function row(heading: string, ...cells: readonly string[]): HTMLTableRowElement {
  const made = document.createElement('tr');
  const name = document.createElement('th');
  name.scope = 'row';
  name.textContent = heading;
  made.append(
    name,
    ...cells.map((words) => {
      const cell = document.createElement('td');
      cell.textContent = words;
      return cell;
    }),
  );
  return made;
}
