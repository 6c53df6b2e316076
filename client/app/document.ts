import { parseDocumentId } from '../../shared/ids.js';
import { hideToken, tokenInAddress } from './address.js';
import { DocumentAccess } from './document-access.js';
import { DocumentApi, roleWith } from './document-api.js';
import type { CopyView } from './document-copy.js';
import { need } from './dom.js';
import { browserStorage } from './identity.js';
import { type ClosedFacts, closedNotice, noticeArea, waitingNotice } from './notice.js';
import { OpenDocument } from './open-document.js';
import { OwnPresence } from './own-presence.js';
import { readMode } from './page-mode.js';
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
    presence: presence.identity,
    visible: presence.visible,
  }),
  refused: (error, edits) => refused.add(error, edits),
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
let greeted = false;

function showFacts(): void {
  const { provider, role, everSynced, isClosed, unsavedChanges, error } = open;
  const { status, saving } = provider;
  if (everSynced && !greeted) {
    greeted = true;
    editor.placeholder = 'Write something…';
    // Where there is a keyboard; on a phone the focus would cover half the page with one.
    if (matchMedia('(pointer: fine)').matches && document.activeElement === document.body) editor.focus();
  }
  if (isClosed) editor.placeholder = '';
  editor.readOnly = !open.isWritable;
  open.editorChanged();
  setStatus(statusText({ status, unsavedChanges, saving, role, everSynced }));
  setNotice(isClosed ? closedNotice(closedFacts()) : status === 'synced' ? undefined : waitingNotice(error));
  showRole(isClosed ? undefined : role);
  presence.showGiven(provider.givenUser);
}

function closedFacts(): ClosedFacts {
  const { error, hasRejected: rejected, unsavedChanges, everSynced: wasOpen, role, text } = open;
  return { error, rejected, unsavedChanges, hasText: text !== '', mode, wasOwner: role === 'owner', wasOpen };
}

addEventListener('beforeunload', (event) => {
  if (open.unsavedChanges > 0 || refused.holdsText) event.preventDefault();
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
  else
    toast(
      open.unsavedChanges === 0 && open.everSynced
        ? 'Already saved: it happens as you type'
        : 'Saved as soon as possible',
    );
});

open.begin();
