import {
  type AutoStatus,
  bindTextarea,
  CoscribeProvider,
  keepOffline,
  type ProviderStatus,
  type RejectedEdits,
  showRemoteCarets,
} from 'coscribe/client';
import { documentStoreContract } from 'coscribe/contracts';
import { type Authenticator, createCoscribe, type DocumentStore } from 'coscribe/server';
import { CoscribeError, type DocumentId, parseDocumentId } from 'coscribe/shared';

const provider = new CoscribeProvider({ document: 'acme/notes', autoConnect: false });
const text = provider.doc.getText('text');
export const status: ProviderStatus = provider.status;
provider.on('rejected', (error, edits: RejectedEdits) => console.log(error.code, edits));
// @ts-expect-error: which document?
new CoscribeProvider({ autoConnect: false });
export function open(token?: string, name?: string, scope?: string): void {
  const presence = name === undefined ? undefined : { name, color: '#336699' };
  const offline = keepOffline({ scope, name: undefined });
  const none = {
    url: undefined,
    path: undefined,
    doc: undefined,
    getToken: undefined,
    autoConnect: undefined,
  };
  new CoscribeProvider({ document: 'acme/notes', token, presence, offline, ...none });
}
export function bind(area: HTMLTextAreaElement, undo?: boolean, maxCarets?: number): void {
  bindTextarea(area, text, { awareness: provider.awareness, undo, compositionIdle: undefined });
  showRemoteCarets(area, text, provider.awareness, { maxCarets, flagDuration: undefined });
}
export function listen(area: HTMLTextAreaElement, element: Element): void {
  area.addEventListener('coscribe:status', ({ detail }) => {
    const now: AutoStatus = detail.status;
    console.log(now);
    // @ts-expect-error: of another event
    console.log(detail.edits);
  });
  element.addEventListener('coscribe:replaced', (event) => {
    console.log(event.detail.text);
    event.preventDefault();
  });
  document.addEventListener('coscribe:rejected', ({ detail: { error, edits } }) =>
    console.log(error.code, edits),
  );
  window.addEventListener('coscribe:error', (event) => console.log(event.detail.error.message));
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
