import 'prosemirror-view/style/prosemirror.css';
import 'prosemirror-menu/style/menu.css';
import 'prosemirror-example-setup/style/style.css';
import './style.css';
import { CoscribeProvider } from 'coscribe/client';
import { buildMenuItems, exampleSetup } from 'prosemirror-example-setup';
import { keymap } from 'prosemirror-keymap';
import { schema } from 'prosemirror-schema-basic';
import { EditorState } from 'prosemirror-state';
import { EditorView } from 'prosemirror-view';
import { redoCommand, undoCommand, yCursorPlugin, ySyncPlugin, yUndoPlugin } from 'y-prosemirror';
import { documentName, showHeader, somebody } from '../page/page.js';

const provider = new CoscribeProvider({ document: documentName(), presence: somebody() });
showHeader(provider);

const { inlineMenu, insertMenu, typeMenu, blockMenu } = buildMenuItems(schema);
const state = EditorState.create({
  schema,
  plugins: [
    ySyncPlugin(provider.doc.getXmlFragment('prosemirror')),
    yCursorPlugin(provider.awareness),
    yUndoPlugin(),
    keymap({ 'Mod-z': undoCommand, 'Mod-y': redoCommand, 'Mod-Shift-z': redoCommand }),
    // ProseMirror's own history would take back what others wrote; its buttons are left out, too.
    ...exampleSetup({
      schema,
      history: false,
      menuContent: [...inlineMenu, [insertMenu, typeMenu], ...blockMenu],
    }),
  ],
});
new EditorView(document.querySelector('#editor'), { state });
