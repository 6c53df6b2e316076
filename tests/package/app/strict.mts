import {
  bindTextarea,
  CoscribeProvider,
  type ProviderStatus,
  type RejectedEdits,
  showRemoteCarets,
} from 'coscribe/client';
import { documentStoreContract } from 'coscribe/contracts';
import { type Authenticator, createCoscribe, type DocumentStore } from 'coscribe/server';
import { CoscribeError, type DocumentId, parseDocumentId } from 'coscribe/shared';
import * as Y from 'yjs';

const provider = new CoscribeProvider({ document: 'acme/notes', doc: new Y.Doc(), autoConnect: false });
const text: Y.Text = provider.doc.getText('text');
export const status: ProviderStatus = provider.status;
provider.on('rejected', (error, edits: RejectedEdits) => console.log(error.code, edits));
// @ts-expect-error: which document?
new CoscribeProvider({ doc: new Y.Doc() });
export function bind(area: HTMLTextAreaElement): void {
  bindTextarea(area, text, { awareness: provider.awareness });
}
export const id: DocumentId = parseDocumentId('acme/notes');
export const error: Error = new CoscribeError('no-access');
const authenticator: Authenticator = {
  authenticate: () => ({ user: 'ada' }),
  authorize: () => 'editor',
};
export const server = createCoscribe({ authenticator, store: 'memory:' });
export type Store = DocumentStore;
export { documentStoreContract, showRemoteCarets };
export const length: Promise<number> = server.then((coscribe) =>
  coscribe.edit('acme/notes', (doc) => doc.getText('text').length),
);
export async function wait(): Promise<void> {
  const coscribe = await server;
  await coscribe.edit('acme/notes', (doc) => {
    doc.getText('text').insert(0, 'now');
  });
  // @ts-expect-error: it would be over before the function is
  await coscribe.edit('acme/notes', async (doc) => doc.getText('text').insert(0, 'later'));
  // @ts-expect-error: so would this
  await coscribe.read('acme/notes', (doc) => Promise.resolve(doc.getText('text').length));
}
