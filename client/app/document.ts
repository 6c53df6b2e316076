import { parseDocumentId } from '../../shared/ids.js';
import { DEFAULT_TEXT } from '../../shared/protocol.js';
import { CoscribeProvider } from '../provider.js';
import { showRemoteCarets } from '../remote-carets.js';
import { bindTextarea } from '../textarea-binding.js';
import { showCounts } from './counts-view.js';
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
import { bindUndoButtons } from './undo-buttons.js';

const id = parseDocumentId(location.pathname.slice('/d/'.length));
const fileName = `${id.slice(id.indexOf('/') + 1)}.txt`;
const editor = need('editor', HTMLTextAreaElement);
const toast = toaster(need('toast', HTMLElement));
const storage = browserStorage();
const me = loadIdentity(storage, Math.random);

const provider = new CoscribeProvider({ document: id, presence: me });
const { awareness } = provider;
const text = provider.doc.getText(DEFAULT_TEXT);
const { undoManager } = bindTextarea(editor, text, { awareness });
showRemoteCarets(editor, text, awareness);
bindThemeButton(need('theme', HTMLButtonElement));

// --- how safe the text is

const setStatus = showStatus(need('status', HTMLElement));
let everSynced = false;

const setNotice = noticeArea(need('notices', HTMLElement), {
  again: () => location.reload(),
  copy: () => void copyText(text.toString()).then(tellCopied),
  documents: () => location.assign('/'),
  download,
});
let rejected = false;
const showUndo =
  undoManager &&
  bindUndoButtons(undoManager, editor, need('undo', HTMLButtonElement), need('redo', HTMLButtonElement));

function showFacts(): void {
  const { status, unsavedChanges, saving, role, error } = provider;
  const closed = status === 'denied' || status === 'destroyed';
  if (status === 'synced' && !everSynced) {
    everSynced = true;
    editor.placeholder = 'Write something…';
    // Where there is a keyboard; on a phone the focus would cover half the page with one.
    if (matchMedia('(pointer: fine)').matches && document.activeElement === document.body) editor.focus();
  }
  if (closed) editor.placeholder = '';
  editor.readOnly = role === 'viewer' || closed;
  showUndo?.();
  setStatus(statusText({ status, unsavedChanges, saving, role, everSynced }));
  setNotice(closed ? closedNotice({ error, rejected, unsavedChanges, hasText: text.length > 0 }) : undefined);
}

provider.on('change', showFacts);
provider.on('rejected', () => {
  rejected = true;
});
addEventListener('beforeunload', (event) => {
  if (provider.unsavedChanges > 0) event.preventDefault();
});

// --- who is here

const setPeople = showPeople(need('people', HTMLElement), need('who', HTMLElement));
const showEverybody = () => setPeople(readPeople(awareness.getStates(), provider.doc.clientID));
awareness.on('change', showEverybody);
bindIdentityForm(
  { name: need('my-name', HTMLInputElement), swatches: need('swatches', HTMLElement) },
  me,
  cleanName,
  (identity: Identity) => {
    saveIdentity(storage, identity);
    awareness.setLocalStateField('user', { name: identity.name, color: identity.color });
  },
);
need('me', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  need('people-panel', HTMLElement).hidePopover();
});

// --- counting, sharing, taking along

showCounts(need('counts', HTMLElement), text);

function tellCopied(copied: boolean): void {
  toast(copied ? 'Copied' : 'This browser doesn’t let pages copy; select the text and copy it yourself');
}

function download(): void {
  downloadText(fileName, text.toString());
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
    provider.unsavedChanges === 0 && everSynced
      ? 'Already saved: it happens as you type'
      : 'Saved as soon as possible',
  );
});

showFacts();
showEverybody();
