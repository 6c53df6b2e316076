import './style.css';
import { Editor } from '@tiptap/core';
import { Collaboration } from '@tiptap/extension-collaboration';
import { CollaborationCaret } from '@tiptap/extension-collaboration-caret';
import { TableKit } from '@tiptap/extension-table';
import { StarterKit } from '@tiptap/starter-kit';
import { CoscribeProvider } from 'coscribe/client';
import { documentName, showHeader, somebody } from '../page/page.js';

const user = somebody();
const provider = new CoscribeProvider({ document: documentName(), presence: user });
showHeader(provider);

const editor = new Editor({
  element: document.querySelector('#editor'),
  extensions: [
    // Its own history would take back what others wrote.
    StarterKit.configure({ undoRedo: false }),
    TableKit,
    Collaboration.configure({ document: provider.doc }),
    CollaborationCaret.configure({ provider, user }),
  ],
});

const COMMANDS: Readonly<Record<string, () => void>> = {
  bold: () => editor.chain().focus().toggleBold().run(),
  heading: () => editor.chain().focus().toggleHeading({ level: 2 }).run(),
  list: () => editor.chain().focus().toggleBulletList().run(),
  table: () => editor.chain().focus().insertTable({ rows: 2, cols: 3, withHeaderRow: true }).run(),
};
for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-command]'))
  button.addEventListener('click', () => COMMANDS[button.dataset.command ?? '']?.());
