import './style.css';
import { keymap } from '@codemirror/view';
import { basicSetup, EditorView } from 'codemirror';
import { CoscribeProvider, DEFAULT_TEXT } from 'coscribe/client';
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next';
import { documentName, showHeader, somebody } from '../page/page.js';

const provider = new CoscribeProvider({ document: documentName(), presence: somebody() });
showHeader(provider);

const text = provider.doc.getText(DEFAULT_TEXT);
const parent = document.querySelector('#editor');
if (parent === null) throw new Error('the page has no place for the editor');
new EditorView({
  parent,
  doc: text.toString(),
  extensions: [
    // Before the basic setup, whose undo would take back what others wrote.
    yCollab(text, provider.awareness),
    keymap.of(yUndoManagerKeymap),
    basicSetup,
    EditorView.darkTheme.of(matchMedia('(prefers-color-scheme: dark)').matches),
  ],
});
