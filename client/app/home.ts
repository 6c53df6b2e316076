import type { DocumentId } from '../../shared/ids.js';
import { hideToken, tokenInAddress } from './address.js';
import { wireErrorOf } from './api.js';
import { browserStorage } from './browser-storage.js';
import { Deliveries } from './deliveries.js';
import { createDocument, DocumentApi } from './document-api.js';
import { type ListedDocument, mergeDocuments, readDocuments, showDocuments } from './document-list.js';
import { checkName, documentPath, freshName, pastedAddress } from './document-name.js';
import { make, need } from './dom.js';
import { dropPages, keepPages } from './keep-pages.js';
import { forget, keep, readKept } from './kept-access.js';
import { KeptDocuments } from './kept-documents.js';
import { forgetHere, forgetSaved, type KeptHere, keptHere } from './kept-here.js';
import { scopeOf } from './kept-scope.js';
import { mayKeep, readMode } from './page-mode.js';
import { linkAddress } from './page-token.js';
import { keepSignIn, readSignIn } from './sign-in.js';
import { bindThemeButton } from './theme.js';
import { watchWhileVisible } from './watch-documents.js';

const mode = readMode(document.body);
const keeps = mayKeep(document.body);
const storage = browserStorage();
const session = browserStorage('sessionStorage');
const name = need('name', HTMLInputElement);
const problem = need('name-problem', HTMLElement);
bindThemeButton(need('theme', HTMLButtonElement));

// --- who this is

let token = mode === 'tokens' ? readSignIn(session) : undefined;

function signIn(): void {
  const given = mode === 'tokens' ? tokenInAddress() : undefined;
  if (given === undefined) return;
  token = given;
  // Where it can't be kept it stays in the address, so that the page can be loaded again.
  if (keepSignIn(session, given)) hideToken();
}

signIn();

// --- opening and creating

async function go(raw: string): Promise<void> {
  const pasted = pastedAddress(raw, location.origin);
  if (pasted !== undefined) {
    location.assign(pasted);
    return;
  }
  const check = checkName(raw);
  if (!check.ok) {
    showProblem(check.message, check.suggestion);
  } else if (mode !== 'links' || readKept(storage, check.id) !== undefined) {
    location.assign(documentPath(check.id));
  } else {
    await create(check.id);
  }
}

let creating = false;

async function create(id?: DocumentId): Promise<void> {
  if (creating) return;
  creating = true;
  try {
    const made = await createDocument(id, token);
    const { id: name, token: link } = made;
    // Where it can be kept it need not be in the address, which others may see.
    const isKept =
      link !== undefined && keep(storage, name, { token: link, role: 'owner', openedAt: Date.now() });
    location.assign(linkAddress(location.origin, name, isKept ? undefined : link));
  } catch (thrown) {
    showProblem(wireErrorOf(thrown).message);
  } finally {
    creating = false;
  }
}

function showProblem(message: string, suggestion?: string): void {
  problem.replaceChildren(make('span', '', message));
  if (suggestion !== undefined) {
    const use = make('button', 'link', `Use “${suggestion}”`);
    use.type = 'button';
    use.addEventListener('click', () => {
      name.value = suggestion;
      clearProblem();
      name.focus();
    });
    problem.append(' ', use);
  }
  name.setAttribute('aria-invalid', 'true');
  name.focus();
}

function clearProblem(): void {
  problem.replaceChildren();
  name.removeAttribute('aria-invalid');
}

need('opener', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  void go(name.value);
});
name.addEventListener('input', clearProblem);
need('fresh', HTMLButtonElement).addEventListener('click', () => {
  if (mode === 'links') void create();
  else void go(freshName(Math.random));
});

// --- the list

const list = need('list', HTMLUListElement);
const empty = need('empty', HTMLElement);
const state = need('list-state', HTMLElement);
const spoken = need('list-spoken', HTMLElement);
const signedOut = need('signed-out', HTMLElement);
const kept = new KeptDocuments({
  storage: mode === 'open' ? undefined : storage,
  facts: (id, its) => new DocumentApi(id, () => its).facts(),
  now: () => performance.now(),
});
const deliveries = new Deliveries({
  deliver: async (delivery) => (await import('./deliver.js')).deliver({ ...delivery, keeps }),
  tokenOf: ({ id, scope }) =>
    [readKept(storage, id)?.token, token].find((one) => mode !== 'open' && scopeOf(mode, one) === scope),
  now: () => performance.now(),
});
let listed: readonly ListedDocument[] = [];
let here: readonly KeptHere[] = [];
/** The server could not be asked when it was last tried. */
let isAway = false;
/** How far the server's clock is before this device's. */
let ahead = 0;
const AWAY = 'The list can’t be read at the moment; trying again…';
const AWAY_WITH_COPIES = 'The server can’t be reached; what is kept on this device opens all the same.';
/** Who was not let in is asked about again after so many milliseconds: he may have signed in elsewhere meanwhile. */
const STRANGER_MS = 30_000;
let askedAt = 0;
let isStranger = false;

const readAgain = watchWhileVisible(async () => {
  await readHere();
  try {
    if (mayAsk()) await readList();
    isAway = false;
    setState('');
  } catch (thrown) {
    isAway = wireErrorOf(thrown).retryable;
    if (isAway) setState(here.length === 0 ? AWAY : AWAY_WITH_COPIES);
    else setSignedOut();
  }
  show();
  if (!isAway)
    void deliveries.tryAll(here).then((tried) => {
      if (!tried) return;
      if (!keeps) void forgetSaved(() => true);
      readAgain();
    });
  void kept.refresh(() => {
    forgetGone();
    show();
  });
});

/** What this device keeps for whoever looks at the list: with a token for himself, and for everybody what links open. */
async function readHere(): Promise<void> {
  const scopes = ['', scopeOf(mode, token)];
  const opens = (id: DocumentId): boolean => mode === 'open' || readKept(storage, id) !== undefined;
  here = (await keptHere()).filter(({ id, scope }) => scopes.includes(scope) && (scope !== '' || opens(id)));
}

/** Nothing stays on this device of what it gets into no longer. */
function forgetGone(): void {
  const gone = new Set(kept.list().flatMap((entry) => (entry.gone === undefined ? [] : [entry.id])));
  if (gone.size > 0) void forgetSaved(({ id, scope }) => scope === '' && gone.has(id));
}

/** Where only links open anything the server lists nothing, and a stranger remains one for a while. */
function mayAsk(): boolean {
  return mode !== 'links' && (!isStranger || performance.now() - askedAt >= STRANGER_MS);
}

async function readList(): Promise<void> {
  askedAt = performance.now();
  const { documents, now } = await readDocuments(token);
  listed = documents;
  ahead = now - Date.now();
  setStranger(false);
}

function setSignedOut(): void {
  token = undefined;
  keepSignIn(session, undefined);
  listed = [];
  setState('');
  setStranger(true);
}

function setStranger(stranger: boolean): void {
  isStranger = stranger;
  signedOut.hidden = !stranger;
}

function show(): void {
  const documents = mergeDocuments(listed, kept.list(), here, isAway);
  empty.hidden = documents.length > 0 || isStranger;
  need('kept-hint', HTMLElement).hidden = documents.length === 0;
  showDocuments(list, documents, Date.now() + ahead, {
    forget(id) {
      forget(storage, id);
      here = here.filter((kept) => kept.id !== id);
      void forgetHere((kept) => kept.id === id && kept.scope === '');
      show();
      name.focus();
    },
    tell(message) {
      spoken.textContent = message;
    },
  });
}

/** Only when it says something new: it is a live region. */
function setState(text: string): void {
  if (state.textContent !== text) state.textContent = text;
}

addEventListener('hashchange', () => {
  signIn();
  setStranger(false);
  readAgain();
});

if (keeps) void keepPages(mode);
else {
  dropPages();
  void forgetSaved(() => true);
}
