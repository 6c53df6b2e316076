import './style.css';
import { bindTextarea, CoscribeProvider, DEFAULT_TEXT, showRemoteCarets } from 'coscribe/client';
import { documentName, showHeader, somebody } from '../page/page.js';

const provider = new CoscribeProvider({ document: documentName(), presence: somebody() });
showHeader(provider);

const field = document.querySelector<HTMLTextAreaElement>('#editor');
if (field === null) throw new Error('the page has no text area');
const text = provider.doc.getText(DEFAULT_TEXT);
bindTextarea(field, text, { awareness: provider.awareness });
showRemoteCarets(field, text, provider.awareness);
