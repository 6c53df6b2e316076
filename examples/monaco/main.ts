import './style.css';
import { CoscribeProvider, DEFAULT_TEXT } from 'coscribe/client';
import * as monaco from 'monaco-editor';
import EditorWorker from 'monaco-editor/esm/vs/editor/editor.worker?worker';
import { MonacoBinding } from 'y-monaco';
import * as Y from 'yjs';
import { documentName, showHeader, somebody } from '../page/page.js';
import { styleCarets } from './carets.js';

const provider = new CoscribeProvider({ document: documentName(), presence: somebody() });
showHeader(provider);

self.MonacoEnvironment = { getWorker: () => new EditorWorker() };
const text = provider.doc.getText(DEFAULT_TEXT);
const parent = document.querySelector<HTMLElement>('#editor');
const model = monaco.editor.createModel('', 'plaintext');
// The same in everybody's model, or places in the text would not be the same.
model.setEOL(monaco.editor.EndOfLineSequence.LF);
if (parent === null) throw new Error('the page has no place for the editor');
const editor = monaco.editor.create(parent, {
  model,
  automaticLayout: true,
  minimap: { enabled: false },
  theme: matchMedia('(prefers-color-scheme: dark)').matches ? 'vs-dark' : 'vs',
});
const binding = new MonacoBinding(text, model, new Set([editor]), provider.awareness);
styleCarets(provider.awareness);

// The binding leaves undo to Monaco, which would take back what others wrote.
const undoManager = new Y.UndoManager(text, { trackedOrigins: new Set([binding]) });
const { CtrlCmd, Shift } = monaco.KeyMod;
const { KeyZ, KeyY } = monaco.KeyCode;
editor.addCommand(CtrlCmd | KeyZ, () => undoManager.undo());
editor.addCommand(CtrlCmd | KeyY, () => undoManager.redo());
editor.addCommand(CtrlCmd | Shift | KeyZ, () => undoManager.redo());
