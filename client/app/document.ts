import { parseDocumentId } from '../../shared/ids.js';
import { hideToken, tokenInAddress } from './address.js';
import { browserStorage } from './browser-storage.js';
import { DocumentAccess } from './document-access.js';
import { DocumentApi, roleWith } from './document-api.js';
import type { CopyView } from './document-copy.js';
import { need } from './dom.js';
import { newNameOf } from './follow-name.js';
import { dropPages, keepPages } from './keep-pages.js';
import { forgetSaved, keptHere } from './kept-here.js';
import { scopeOf } from './kept-scope.js';
import { type ClosedFacts, closedNotice, noticeArea, waitingNotice } from './notice.js';
import { OpenDocument } from './open-document.js';
import { OwnPresence } from './own-presence.js';
import { mayKeep, readMode } from './page-mode.js';
import { linkAddress } from './page-token.js';
import { readPeople } from './people.js';
import { showPeople } from './people-view.js';
import { RefusedView } from './refused-view.js';
import { copyText, downloadText } from './share.js';
import { bindSharePanel } from './share-panel.js';
import { readSignIn } from './sign-in.js';
import { statusText } from './status-text.js';
import { showStatus } from './status-view.js';
import { bindThemeButton } from './theme.js';
import { toaster } from './toast.js';

const id = parseDocumentId(location.pathname.slice('/d/'.length));
const name = id.slice(id.indexOf('/') + 1);
const mode = readMode(document.body);
const editor = need('editor', HTMLTextAreaElement);
const toast = toaster(need('toast', HTMLElement));
const storage = browserStorage();
const view: CopyView = {
  editor,
  counts: need('counts', HTMLElement),
  undo: need('undo', HTMLButtonElement),
  redo: need('redo', HTMLButtonElement),
};
bindThemeButton(need('theme', HTMLButtonElement));

// --- the document, and what lets this page in

const access = new DocumentAccess(
  {
    id,
    mode,
    storage,
    signedIn: () => (mode === 'tokens' ? readSignIn(browserStorage('sessionStorage')) : undefined),
    roleWith: (token) => roleWith(token, id),
    now: Date.now,
  },
  tokenInAddress(),
);
const api = new DocumentApi(id, () => access.token);
const keeps = mayKeep(document.body);
const scope = (): string | undefined => scopeOf(mode, access.token);
// What was kept before keeping was switched off, and is not saved, is saved before it is forgotten.
const leavesKeeping =
  !keeps &&
  (await keptHere()).some((kept) => kept.id === id && kept.scope === scope() && kept.unsavedChanges > 0);
const presence = new OwnPresence(storage, () => open.provider.awareness);
const refused = new RefusedView({
  copied: tellCopied,
  tell: toast,
  fileName: `${name}-not-saved.txt`,
});
const open = new OpenDocument({
  access,
  api,
  view,
  copyOptions: () => ({
    id,
    token: access.token,
    scope: keeps || leavesKeeping ? scope() : undefined,
    presence: presence.identity,
    visible: presence.visible,
  }),
  refused: (error, edits) => refused.add(error, edits),
  replaced: (copy) => {
    if (copy.text !== '') refused.addReplaced(copy);
  },
  changed: showFacts,
  peopleChanged: showEverybody,
  toast,
});

addEventListener('hashchange', () => {
  const token = tokenInAddress();
  if (token === undefined) return;
  if (access.give(token)) open.openAnew();
  else if (access.kept?.token === token) hideToken();
});

// --- how safe the text is, and what may be done with it

const setStatus = showStatus(need('status', HTMLElement));
const setNotice = noticeArea(need('notices', HTMLElement), {
  again: () => location.reload(),
  copy: () => void copyText(open.text).then(tellCopied),
  documents: () => location.assign('/'),
  download,
  restore: () => void open.restore(),
});
const showRole = bindSharePanel({
  mode,
  api,
  address: linkAddress(location.origin, id),
  addressWith: (token) => linkAddress(location.origin, id, token),
  deleted: () => toast('Deleted'),
  toast,
});
const ABSENT = 'This device has not kept this text; it comes as soon as the server answers.';
let greeted = false;
let isFollowing = false;

function showFacts(): void {
  const { provider, role, everSynced, isHere, isKept, isClosed, unsavedChanges, error } = open;
  const { status, saving } = provider;
  if (isHere && !greeted) {
    greeted = true;
    editor.placeholder = 'Write something…';
    // Where there is a keyboard; on a phone the focus would cover half the page with one.
    if (matchMedia('(pointer: fine)').matches && document.activeElement === document.body) editor.focus();
  }
  if (isClosed) editor.placeholder = '';
  else if (!isHere && status === 'offline') editor.placeholder = ABSENT;
  if (isClosed && error?.code === 'document-moved') void followName();
  if (leavesKeeping && status === 'synced' && unsavedChanges === 0) open.forget();
  editor.readOnly = !open.isWritable;
  open.editorChanged();
  setStatus(statusText({ status, unsavedChanges, saving, role, everSynced, isHere, isKept }));
  setNotice(isClosed ? closedNotice(closedFacts()) : status === 'synced' ? undefined : waitingNotice(error));
  showRole(isClosed ? undefined : role);
  presence.showGiven(provider.givenUser);
}

/** Whoever holds a link to a document gets there, whatever it is called by now. Not past what is nowhere but in this page. */
async function followName(): Promise<void> {
  if (isFollowing) return;
  isFollowing = true;
  const there = await newNameOf(id, api);
  const isAllSaved = !open.hasRejected && open.unsavedChanges === 0 && !refused.holdsText;
  if (there !== undefined && isAllSaved) location.replace(linkAddress(location.origin, there, access.token));
}

function closedFacts(): ClosedFacts {
  const { error, hasRejected: rejected, unsavedChanges, keptChanges, isHere: wasOpen, role, text } = open;
  const hasText = text !== '';
  return { error, rejected, unsavedChanges, keptChanges, hasText, mode, wasOwner: role === 'owner', wasOpen };
}

addEventListener('beforeunload', (event) => {
  const wouldLose = open.unsavedChanges > 0 && !open.isKept;
  if (wouldLose || refused.holdsText) event.preventDefault();
});

// --- who is here

const setPeople = showPeople(need('people', HTMLElement), need('who', HTMLElement));

function showEverybody(): void {
  const { awareness, doc } = open.provider;
  const me = presence.visible ? undefined : presence.identity;
  setPeople(open.isClosed ? [] : readPeople(awareness.getStates(), doc.clientID, me));
}

need('me', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  need('people-panel', HTMLElement).hidePopover();
});

// --- taking along

function tellCopied(copied: boolean): void {
  toast(copied ? 'Copied' : 'This browser doesn’t let pages copy; select the text and copy it yourself');
}

function download(): void {
  if (open.isClosed && open.text === '') toast('There is nothing to download');
  else downloadText(`${name}.txt`, open.text);
}

need('download', HTMLButtonElement).addEventListener('click', download);
addEventListener('keydown', (event) => {
  // The habit of saving would open the browser's own dialog, for a copy of the page.
  if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key !== 's') return;
  event.preventDefault();
  if (!open.isWritable) toast('There is nothing to save: you can’t write here now');
  else if (open.unsavedChanges === 0 && open.everSynced) toast('Already saved: it happens as you type');
  else toast(open.isKept ? 'Kept on this device; saved as soon as possible' : 'Saved as soon as possible');
});

open.begin();
if (keeps) void keepPages(mode);
else {
  dropPages();
  void forgetSaved(() => true);
}
