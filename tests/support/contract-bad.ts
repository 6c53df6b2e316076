import * as Y from 'yjs';
import { type ContractWorld, TOKENS, type Wish } from './contract-world.js';

/** An update that builds on one that nobody has. */
function updateWithout(): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('text').insert(0, 'missing');
  const before = Y.encodeStateVector(doc);
  doc.getText('text').insert(7, ' something');
  return Y.encodeStateAsUpdate(doc, before);
}

type Bad = readonly [
  operationId: string,
  name: string,
  expected: string,
  make: (world: ContractWorld) => Promise<Wish>,
];

function bad(operationId: string, name: string, expected: string, wish: Wish): Bad {
  return [operationId, name, expected, async (world) => ({ document: await world.document(), ...wish })];
}

/** What is wrong in a way that only some operations know. */
export const BAD_REQUESTS: readonly Bad[] = [
  ...['x', 'eyJ9', 'AAAA', ''].map((cursor) =>
    bad('listDocuments', `the cursor ${JSON.stringify(cursor)}`, '400 bad-request', { query: { cursor } }),
  ),
  ...['0', '501', '-1', 'many', ''].map((limit) =>
    bad('listDocuments', `the limit ${JSON.stringify(limit)}`, '400 bad-request', { query: { limit } }),
  ),
  bad('listDocuments', 'an order that there is not', '400 bad-request', { query: { order: 'size' } }),
  bad('listDocuments', 'no workspace', '400 invalid-document-id', { query: { workspace: '../x' } }),
  bad('createDocument', 'no name', '400 invalid-document-id', { body: { id: 'a/b/c' } }),
  bad('createDocument', 'a text that is none', '400 bad-request', { body: { text: 7 } }),
  [
    'createDocument',
    'a name that is taken',
    '409 document-exists',
    async (world) => ({ body: { id: await world.document() } }),
  ],
  [
    'moveDocument',
    'a name that is taken',
    '409 document-exists',
    async (world) => ({ document: await world.document(), body: { to: await world.document() } }),
  ],
  bad('moveDocument', 'no name', '400 invalid-document-id', { body: { to: '..' } }),
  bad('moveDocument', 'a place that is not his', '404 no-access', {
    body: { to: 'default/plan' },
    token: TOKENS.operator,
  }),
  [
    'copyDocument',
    'a name that is taken',
    '409 document-exists',
    async (world) => ({ document: await world.document(), body: { to: await world.document() } }),
  ],
  bad('copyDocument', 'a place where he only reads', '403 not-allowed', {
    body: { to: 'acme/copy' },
    token: TOKENS.viewer,
  }),
  bad('readText', 'a map', '409 wrong-type', { query: { root: 'board' } }),
  bad('readText', 'a format that there is not', '400 bad-request', { query: { format: 'html' } }),
  [
    'replaceText',
    'a U+FFFC more than there are embeds',
    '422 patch-failed',
    async (world) => {
      const document = await world.document();
      await world.ask('patchText', { document, body: [{ insert: { image: 'a.png' } }] });
      return { document, body: '\ufffc Hello \ufffc' };
    },
  ],
  bad('replaceText', 'a map', '409 wrong-type', { query: { root: 'board' }, body: 'x' }),
  bad('appendText', 'a map', '409 wrong-type', { query: { root: 'board' }, body: 'x' }),
  bad('patchText', 'a map', '409 wrong-type', { query: { root: 'board' }, body: [{ insert: 'x' }] }),
  bad('patchText', 'more than is there', '422 patch-failed', { body: [{ retain: 50 }, { insert: 'x' }] }),
  bad('patchText', 'an operation that is two', '400 bad-request', { body: [{ retain: 1, delete: 1 }] }),
  bad('patchJson', 'a path that leads nowhere', '422 patch-failed', {
    body: [{ op: 'remove', path: '/board/none' }],
  }),
  bad('patchJson', 'a test that fails', '422 patch-failed', {
    body: [{ op: 'test', path: '/board/title', value: 'Other' }],
  }),
  bad('readText', 'a root that is too long', '400 bad-request', { query: { root: 'x'.repeat(2_000) } }),
  bad('exportDocument', 'a format that there is not', '400 bad-request', { query: { format: 'pdf' } }),
  bad('exportDocument', 'a map as Markdown', '409 wrong-type', { query: { root: 'board' } }),
  bad('exportDocument', 'a root for Yjs', '400 bad-request', { query: { format: 'yjs', root: 'text' } }),
  ...['%', '_w', 'AQ'].map((since) =>
    bad('readState', `the state vector ${since}`, '400 bad-request', { query: { since } }),
  ),
  bad('applyUpdate', 'an update that builds on what is not there', '409 missing-dependencies', {
    body: updateWithout(),
  }),
  bad('followDocument', 'a form that there is not', '400 bad-request', { query: { as: 'html' } }),
  bad('followDocument', 'a map as text', '409 wrong-type', { query: { root: 'board' } }),
  bad('importWorkspace', 'a choice that there is not', '400 bad-request', {
    workspace: 'acme',
    query: { existing: 'merge' },
    body: Buffer.from('PK'),
  }),
  bad('importWorkspace', 'no workspace', '400 invalid-document-id', {
    workspace: '.x',
    body: Buffer.from('PK'),
  }),
  bad('exportWorkspace', 'no workspace', '400 invalid-document-id', { workspace: '.x' }),
  bad('makeLink', 'no role', '400 bad-request', { body: { role: 'guest' } }),
  bad('makeLink', 'an end in the past', '400 bad-request', {
    body: { role: 'viewer', expiresAt: '2020-01-01T00:00:00Z' },
  }),
  bad('makeLink', 'two ends', '400 bad-request', {
    body: { role: 'viewer', expiresAt: '2999-01-01T00:00:00Z', expiresIn: 60 },
  }),
  bad('revokeLink', 'a link that is not there', '404 not-found', { link: 'none' }),
  bad('revokeTokens', 'both', '400 bad-request', {
    body: { user: 'eve', tokenId: 't-1' },
    token: TOKENS.operator,
  }),
];
