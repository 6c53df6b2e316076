import { parseDocumentId } from '../../shared/ids.js';
import { type CopyView, DocumentCopy } from './document-copy.js';
import { need } from './dom.js';
import { browserStorage, cleanName, type Identity, loadIdentity, saveIdentity } from './identity.js';
import { closedNotice, noticeArea } from './notice.js';
import { readPeople } from './people.js';
import { bindIdentityForm, showPeople } from './people-view.js';
import { copyText, downloadText } from './share.js';
import { statusText } from './status-text.js';
import { showStatus } from './status-view.js';
import { bindThemeButton } from './theme.js';
import { toaster } from './toast.js';

const id = parseDocumentId(location.pathname.slice('/d/'.length));
const fileName = `${id.slice(id.indexOf('/') + 1)}.txt`;
const editor = need('editor', HTMLTextAreaElement);
const toast = toaster(need('toast', HTMLElement));
const storage = browserStorage();
let me: Identity = loadIdentity(storage, Math.random);
const view: CopyView = {
  editor,
  counts: need('counts', HTMLElement),
  undo: need('undo', HTMLButtonElement),
  redo: need('redo', HTMLButtonElement),
};
/** What takes part, and what the editor shows: another one only while a new copy is on its way. */
let copy = new DocumentCopy(id, me, view);
let shown = copy;
/** A copy that comes apart so soon after the last one is not replaced without asking, in milliseconds. */
const RENEW_EVERY_MS = 10 * 60_000;
let renewedAt = Number.NEGATIVE_INFINITY;
shown.show();
bindThemeButton(need('theme', HTMLButtonElement));

// --- how safe the text is

const setStatus = showStatus(need('status', HTMLElement));
let everSynced = false;

const setNotice = noticeArea(need('notices', HTMLElement), {
  again: () => location.reload(),
  copy: () => void copyText(shown.text.toString()).then(tellCopied),
  documents: () => location.assign('/'),
  download,
});
let rejected = false;

function showFacts(): void {
  const { status, unsavedChanges, saving, role, error } = copy.provider;
  const closed = status === 'denied' || status === 'destroyed' || (status === 'diverged' && !mayRenew());
  if (status === 'synced' && !everSynced) {
    everSynced = true;
    editor.placeholder = 'Write something…';
    // Where there is a keyboard; on a phone the focus would cover half the page with one.
    if (matchMedia('(pointer: fine)').matches && document.activeElement === document.body) editor.focus();
  }
  if (closed) editor.placeholder = '';
  // Until a new copy has come, nobody writes into the old one.
  editor.readOnly = role === 'viewer' || closed || shown !== copy;
  shown.editorChanged();
  setStatus(statusText({ status, unsavedChanges, saving, role, everSynced }));
  setNotice(
    closed ? closedNotice({ error, rejected, unsavedChanges, hasText: shown.text.length > 0 }) : undefined,
  );
}

addEventListener('beforeunload', (event) => {
  if (copy.provider.unsavedChanges > 0) event.preventDefault();
});

// --- who is here

const setPeople = showPeople(need('people', HTMLElement), need('who', HTMLElement));
const showEverybody = () =>
  setPeople(readPeople(copy.provider.awareness.getStates(), copy.provider.doc.clientID));
bindIdentityForm(
  { name: need('my-name', HTMLInputElement), swatches: need('swatches', HTMLElement) },
  me,
  cleanName,
  (identity: Identity) => {
    me = identity;
    saveIdentity(storage, identity);
    copy.provider.awareness.setLocalStateField('user', { name: identity.name, color: identity.color });
  },
);
need('me', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  need('people-panel', HTMLElement).hidePopover();
});

// --- counting, sharing, taking along

function tellCopied(copied: boolean): void {
  toast(copied ? 'Copied' : 'This browser doesn’t let pages copy; select the text and copy it yourself');
}

function download(): void {
  downloadText(fileName, shown.text.toString());
}

const address = need('share-address', HTMLInputElement);
address.value = location.origin + location.pathname;
need('share', HTMLButtonElement).addEventListener('click', async () => {
  if (await copyText(address.value)) {
    toast('Link copied – whoever opens it can write along');
    return;
  }
  need('share-panel', HTMLElement).showPopover();
  address.focus();
  address.select();
});
need('download', HTMLButtonElement).addEventListener('click', download);
addEventListener('keydown', (event) => {
  // The habit of saving would open the browser's own dialog, for a copy of the page.
  if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key !== 's') return;
  event.preventDefault();
  toast(
    copy.provider.unsavedChanges === 0 && everSynced
      ? 'Already saved: it happens as you type'
      : 'Saved as soon as possible',
  );
});

// --- the copy, and a new one if it should ever show something else than the document

function mayRenew(): boolean {
  return performance.now() - renewedAt >= RENEW_EVERY_MS;
}

function follow(followed: DocumentCopy): void {
  const { provider } = followed;
  provider.on('change', showFacts);
  provider.on('rejected', () => {
    rejected = true;
  });
  provider.on('diverged', renew);
  provider.awareness.on('change', showEverybody);
  showFacts();
  showEverybody();
}

/** Everything that was written here is in the document: only what this page shows is wrong. */
function renew(): void {
  if (!mayRenew()) return;
  renewedAt = performance.now();
  const wrong = copy;
  const fresh = new DocumentCopy(id, me, view);
  copy = fresh;
  wrong.stop();
  fresh.provider.on('change', () => {
    if (shown === fresh || !fresh.provider.synced) return;
    shown = fresh;
    wrong.giveWayTo(fresh);
    toast('Loaded again: this page showed another text than the document');
    showFacts();
  });
  follow(fresh);
}

follow(copy);
