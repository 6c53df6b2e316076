import 'quill/dist/quill.snow.css';
import './style.css';
import { CoscribeProvider } from 'coscribe/client';
import Quill from 'quill';
import QuillCursors from 'quill-cursors';
import { QuillBinding } from 'y-quill';
import { documentName, showHeader, somebody } from '../page/page.js';

const provider = new CoscribeProvider({ document: documentName(), presence: somebody() });
showHeader(provider);

Quill.register('modules/cursors', QuillCursors);
const quill = new Quill('#editor', {
  theme: 'snow',
  placeholder: 'Write something…',
  modules: {
    cursors: true,
    toolbar: [
      [{ header: [1, 2, false] }],
      ['bold', 'italic', 'underline', 'code-block', 'link', 'image'],
      [{ list: 'ordered' }, { list: 'bullet' }],
    ],
    // Otherwise undo would take back what others wrote.
    history: { userOnly: true },
  },
});
new QuillBinding(provider.doc.getText('quill'), quill, provider.awareness);
