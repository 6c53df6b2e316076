/// <reference types="coscribe/browser" />
const { bindTextarea, CoscribeProvider, Y } = Coscribe;
const doc = new Y.Doc();
new CoscribeProvider({ document: 'acme/notes', doc });
bindTextarea(document.createElement('textarea'), doc.getText('text'));
document
  .querySelector<HTMLTextAreaElement>('textarea')
  ?.addEventListener('coscribe:status', ({ detail }) => console.log(detail.status));
// @ts-expect-error: the script brings the client only
Coscribe.createCoscribe();
