import { bindTextarea, CoscribeProvider, DEFAULT_TEXT } from 'coscribe/client';
import * as Y from 'yjs';

const doc = new Y.Doc();
const url = new URLSearchParams(location.search).get('server');
const provider = new CoscribeProvider({ document: 'acme/notes', doc, url });
bindTextarea(document.querySelector('textarea'), doc.getText(DEFAULT_TEXT), {
  awareness: provider.awareness,
});
