/** What every example needs, and nobody would copy: who this is, how safe the text is, and who else is here. */
import './page.css';
import type { CoscribeProvider } from 'coscribe/client';
import { parsePresence } from 'coscribe/shared';

const NAMES = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Frances', 'Niklaus', 'Radia', 'Tim'];
const COLORS = ['#dd2d2d', '#1c7bab', '#168629', '#a046e1', '#ba571e', '#d52394', '#3d6edf', '#755ee5'];

/** The document that the address names, `?document=team/plan`, or one for the example. */
export function documentName(): string {
  const example = location.pathname.split('/').filter(Boolean).at(-1) ?? 'example';
  return new URLSearchParams(location.search).get('document') ?? `examples/${example}`;
}

/** Somebody: by the address `?name=Ada`, or by chance. */
export function somebody(): { readonly name: string; readonly color: string } {
  const name = new URLSearchParams(location.search).get('name') ?? any(NAMES);
  return { name, color: any(COLORS) };
}

/** Shows on the page's header what the provider knows, from now on. */
export function showHeader(provider: CoscribeProvider): void {
  const status = document.createElement('p');
  status.className = 'status';
  status.setAttribute('role', 'status');
  const people = document.createElement('ul');
  people.className = 'people';
  people.setAttribute('aria-label', 'Who is here');
  document.querySelector('.bar')?.append(status, people);

  const showStatus = (): void => {
    const [kind, words] = statusOf(provider);
    if (status.textContent !== words) status.textContent = words;
    status.dataset.kind = kind;
  };
  const showPeople = (): void => {
    people.replaceChildren(...[...provider.awareness.getStates()].flatMap(badge));
  };
  provider.on('change', showStatus);
  provider.awareness.on('change', showPeople);
  showStatus();
  showPeople();
  // This copy is wrong, or the document was begun anew: a new copy takes its place.
  provider.on('diverged', () => location.reload());
  provider.on('replaced', () => location.reload());
  provider.on('rejected', (error) => console.error(`Not saved: ${error.message}`));
  // For the browser's console.
  Object.assign(window, { provider });
  addEventListener('beforeunload', (event) => {
    if (provider.unsavedChanges > 0) event.preventDefault();
  });
}

function statusOf({
  status,
  unsavedChanges,
  error,
}: CoscribeProvider): readonly [kind: string, words: string] {
  if (status === 'denied') return ['offline', `Not open: ${error?.message ?? 'no access'}`];
  if (status !== 'synced')
    return ['offline', unsavedChanges > 0 ? `Offline, ${unsavedChanges} changes not saved` : 'Offline'];
  return unsavedChanges > 0 ? ['saving', 'Saving…'] : ['saved', 'Saved'];
}

function badge([clientId, state]: [number, unknown]): HTMLElement[] {
  const user = parsePresence(state, clientId)?.user;
  if (user === undefined) return [];
  const item = document.createElement('li');
  item.textContent = user.name;
  item.style.setProperty('--color', user.color);
  return [item];
}

function any<T>(from: readonly T[]): T {
  return from[Math.floor(Math.random() * from.length)] as T;
}
