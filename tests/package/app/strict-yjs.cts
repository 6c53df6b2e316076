import { CoscribeProvider } from 'coscribe/client';
import * as Y from 'yjs';

const provider = new CoscribeProvider({ document: 'acme/notes', doc: new Y.Doc(), autoConnect: false });
export const text: Y.Text = provider.doc.getText('text');
