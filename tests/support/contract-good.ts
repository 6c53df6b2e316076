import { expect } from '@jest/globals';
import * as Y from 'yjs';
import type { ContractWorld, Got, Wish } from './contract-world.js';
import { TOKENS } from './contract-world.js';

/** A request that goes well. */
export interface GoodRequest {
  readonly wish: Wish;
  readonly status: number;
  /** Of something that takes more than one server: why it is refused here. */
  readonly code?: string;
  /** What else there is to be seen. */
  readonly also?: (got: Got) => void | Promise<void>;
}

const OPERATOR = { token: TOKENS.operator };
const WHOLE_SNAPSHOT = /event: snapshot\ndata: .*\n\n/;

type Make = (world: ContractWorld) => Promise<GoodRequest>;

/** In a document of its own. */
function inDocument(wish: Omit<Wish, 'document'> = {}, status = 200, text?: string): Make {
  return async (world) => ({
    wish: { ...wish, document: await world.document() },
    status,
    ...(text !== undefined && { also: ({ body }) => expect(body.toString()).toBe(text) }),
  });
}

/** Where a document is not there yet. */
function inNewDocument(wish: Wish): Make {
  return async (world) => ({ wish: { ...wish, document: world.newName() }, status: 200 });
}

function jsonOf<T>({ body }: Got): T {
  return JSON.parse(body.toString()) as T;
}

/** An update that makes a text. */
function updateWith(text: string): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('text').insert(0, text);
  return Y.encodeStateAsUpdate(doc);
}

async function archiveOf(world: ContractWorld): Promise<Buffer> {
  const document = await world.document();
  await world.ask('moveDocument', { document, body: { to: `elsewhere/${document.slice('acme/'.length)}` } });
  return (await world.ask('exportWorkspace', { workspace: 'elsewhere' })).body;
}

/** What goes well, by operation; the first of each is the one that others are made of. */
export const GOOD_REQUESTS: Readonly<Record<string, Readonly<Record<string, Make>>>> = {
  listDocuments: {
    'all that there are': async () => ({ wish: {}, status: 200 }),
    'page by page': async (world) => {
      const names = [await world.document(), await world.document()];
      const query = { workspace: 'acme', prefix: 'document-', order: 'name', limit: '1' };
      const first = jsonOf<{ next: string }>(await world.ask('listDocuments', { query }));
      return {
        wish: { query: { ...query, cursor: first.next, limit: '500' } },
        status: 200,
        also: (got) => {
          const { documents } = jsonOf<{ documents: { id: string }[] }>(got);
          expect(documents.map(({ id }) => id)).toEqual(expect.arrayContaining(names.slice(1)));
        },
      };
    },
    'newest first': async () => ({ wish: { query: { order: 'created' } }, status: 200 }),
    'those of somebody who may read nothing': async () => ({
      wish: { token: TOKENS.stranger },
      status: 200,
      also: (got) => expect(jsonOf<object>(got)).toMatchObject({ documents: [] }),
    }),
  },
  createDocument: {
    'of a name, with text': async (world) => ({
      wish: { body: { id: world.newName(), text: 'Hello' } },
      status: 201,
      also: async ({ headers }) => {
        const document = headers.location?.replace('/api/documents/', '') ?? '';
        expect((await world.ask('readText', { document })).body.toString()).toBe('Hello');
      },
    }),
    'of a fresh name': async () => ({ wish: { body: {} }, status: 201 }),
  },
  getDocument: { 'that is there': inDocument() },
  deleteDocument: { 'that is there': inDocument({}, 204) },
  restoreDocument: {
    'that is there': inDocument({}, 204),
    'that is deleted': async (world) => {
      const document = await world.document();
      await world.ask('deleteDocument', { document });
      return { wish: { document }, status: 204 };
    },
  },
  moveDocument: {
    'to a name that nothing has': async (world) => ({
      wish: { document: await world.document(), body: { to: world.newName() } },
      status: 200,
    }),
  },
  copyDocument: {
    'to a name that nothing has': async (world) => ({
      wish: { document: await world.document(), body: { to: world.newName() } },
      status: 201,
    }),
  },
  readText: {
    'of the root of text areas': inDocument({}, 200, 'Hello'),
    'of another root': inDocument({ query: { root: 'other' } }, 200, ''),
    'as a delta': inDocument({ query: { format: 'delta' } }, 200, '[{"insert":"Hello"}]'),
    'of another root, as a delta': inDocument({ query: { format: 'delta', root: 'other' } }, 200, '[]'),
    'if it is there': inDocument({ headers: { 'If-Match': '*' } }),
  },
  replaceText: {
    'by another': inDocument({ body: 'Goodbye' }),
    'by the same': inDocument({ body: 'Hello' }),
    'in a document that is not there': inNewDocument({ body: 'new' }),
  },
  appendText: {
    'at the end': inDocument({ body: ', world' }),
    'of a document that is not there': inNewDocument({ body: 'new' }),
  },
  patchText: {
    'with formats': inDocument({ body: [{ retain: 5 }, { insert: ', world', attributes: { bold: true } }] }),
  },
  readJson: {
    'of all roots': async (world) => ({
      wish: { document: await world.document() },
      status: 200,
      also: (got) => expect(jsonOf<object>(got)).toEqual({ text: 'Hello', board: { title: 'Plan' } }),
    }),
    'of one root': inDocument({ query: { root: 'board' } }, 200, '{"title":"Plan"}'),
  },
  patchJson: {
    'adding a value': inDocument({ body: [{ op: 'add', path: '/board/done', value: ['milk'] }] }),
    'of every kind': inDocument({
      body: [
        { op: 'test', path: '/board/title', value: 'Plan' },
        { op: 'copy', from: '/board/title', path: '/board/name' },
        { op: 'replace', path: '/board/title', value: 1 },
        { op: 'remove', path: '/board/name' },
      ],
    }),
  },
  exportDocument: {
    'as Markdown': inDocument({}, 200, 'Hello'),
    'as plain text': inDocument({ query: { format: 'plain' } }, 200, 'Hello'),
    'as JSON': inDocument({ query: { format: 'json', root: 'board' } }, 200, '{"title":"Plan"}'),
    'for Yjs': inDocument({ query: { format: 'yjs' } }),
  },
  readState: {
    'all of it': async (world) => ({
      wish: { document: await world.document() },
      status: 200,
      also: ({ body }) => {
        const doc = new Y.Doc();
        Y.applyUpdate(doc, body);
        expect(doc.getText('text').toString()).toBe('Hello');
      },
    }),
    'what a copy lacks': inDocument({ query: { since: 'AA' } }),
  },
  readStateVector: { 'of a document': inDocument() },
  applyUpdate: { 'of somebody else': inDocument({ body: updateWith('!') }) },
  followDocument: {
    'as text': inDocument({ until: WHOLE_SNAPSHOT }),
    'as text with formats': async (world) => {
      const document = await world.document();
      await world.ask('patchText', { document, body: [{ retain: 5, attributes: { bold: true } }] });
      return { wish: { document, until: WHOLE_SNAPSHOT }, status: 200 };
    },
    'while somebody writes': async (world) => {
      const document = await world.document();
      return {
        wish: {
          document,
          query: { presence: 'yes' },
          meanwhile: () => world.ask('appendText', { document, body: ', world' }),
          until: /event: delta\ndata: .*\n\n/,
        },
        status: 200,
      };
    },
    'as JSON, while somebody writes': async (world) => {
      const document = await world.document();
      const body = [{ op: 'replace', path: '/board/title', value: 'Plan B' }];
      return {
        wish: {
          document,
          query: { as: 'json', root: 'board' },
          meanwhile: () => world.ask('patchJson', { document, body }),
          until: /event: patch\ndata: .*\n\n/,
        },
        status: 200,
      };
    },
    'until it is deleted': async (world) => {
      const document = await world.document();
      return {
        wish: {
          document,
          query: { as: 'json' },
          meanwhile: () => world.ask('deleteDocument', { document }),
          until: /event: end\ndata: .*\n\n/,
        },
        status: 200,
      };
    },
    'with the token in the address': inDocument({
      token: undefined,
      query: { token: TOKENS.viewer },
      until: WHOLE_SNAPSHOT,
    }),
  },
  exportWorkspace: {
    'with documents': async (world) => ({ wish: { document: await world.document() }, status: 200 }),
  },
  importWorkspace: {
    'into another one': async (world) => ({
      wish: { workspace: 'default', body: await archiveOf(world), query: { existing: 'skip' } },
      status: 200,
    }),
  },
  listLinks: {
    'of a document': async (world) => {
      const document = await world.document();
      await world.ask('makeLink', { document, body: { role: 'viewer' } });
      return { wish: { document }, status: 200 };
    },
  },
  makeLink: {
    'that ends': inDocument({ body: { role: 'editor', label: 'For review', expiresIn: 60 } }, 201),
    'that does not end': inDocument({ body: { role: 'viewer' } }, 201),
  },
  revokeLink: {
    'that is there': async (world) => {
      const document = await world.document();
      const made = await world.ask('makeLink', { document, body: { role: 'viewer' } });
      return { wish: { document, link: jsonOf<{ id: string }>(made).id }, status: 204 };
    },
  },
  revokeTokens: {
    'of a user': async () => ({ wish: { body: { user: 'eve' }, token: TOKENS.operator }, status: 204 }),
    'of one name': async () => ({ wish: { body: { tokenId: 't-1' }, token: TOKENS.operator }, status: 204 }),
  },
  readOverview: {
    'of one node': async () => ({ wish: OPERATOR, status: 200 }),
  },
  followOverview: {
    'for a while': async () => ({
      wish: { ...OPERATOR, until: /event: overview\ndata: .*\n\n/ },
      status: 200,
    }),
  },
  listDocumentsForOperators: {
    'by traffic': async () => ({ wish: OPERATOR, status: 200 }),
    'by name': async (world) => {
      const document = await world.document();
      return {
        wish: { ...OPERATOR, query: { order: 'name', prefix: document, limit: '500' } },
        status: 200,
        also: (got) => expect(jsonOf<object>(got)).toMatchObject({ documents: [{ id: document }] }),
      };
    },
  },
  inspectDocument: {
    'that somebody follows': async (world) => {
      const document = await world.document();
      return {
        wish: { ...OPERATOR, document },
        status: 200,
        also: (got) => expect(jsonOf<object>(got)).toMatchObject({ id: document, head: 2, tailRows: 2 }),
      };
    },
    'that is deleted': async (world) => {
      const document = await world.document();
      await world.ask('deleteDocument', { document });
      return { wish: { ...OPERATOR, document }, status: 200 };
    },
  },
  compactDocument: { 'that is there': inDocument(OPERATOR) },
  verifyDocument: {
    'that is whole': async (world) => ({
      wish: { ...OPERATOR, document: await world.document() },
      status: 200,
      also: (got) => expect(jsonOf<object>(got)).toMatchObject({ ok: true, problems: [], rows: 2 }),
    }),
  },
  exportDocumentForOperators: {
    'as Markdown': inDocument(OPERATOR, 200, 'Hello'),
    'as plain text': inDocument({ ...OPERATOR, query: { format: 'plain' } }, 200, 'Hello'),
    'as JSON': inDocument({ ...OPERATOR, query: { format: 'json', root: 'board' } }, 200, '{"title":"Plan"}'),
    'for Yjs': inDocument({ ...OPERATOR, query: { format: 'yjs' } }),
  },
  endSession: {
    'of a follower': async (world) => {
      const document = await world.document();
      const session = await world.follow(document);
      return { wish: { ...OPERATOR, session }, status: 204 };
    },
  },
  drainNode: {
    'that is the only one': async (world) => ({
      wish: { ...OPERATOR, node: await nodeOf(world) },
      status: 503,
      code: 'server-busy',
    }),
  },
  resumeNode: {
    'that takes clients': async (world) => ({
      wish: { ...OPERATOR, node: await nodeOf(world) },
      status: 204,
    }),
  },
  readReference: {
    'for the first time': async () => ({ wish: { token: undefined }, status: 200 }),
    again: unchanged('readReference'),
  },
  readDescription: {
    'for the first time': async () => ({ wish: { token: undefined }, status: 200 }),
    again: unchanged('readDescription'),
  },
};

async function nodeOf(world: ContractWorld): Promise<string> {
  return jsonOf<{ node: string }>(await world.ask('readOverview', OPERATOR)).node;
}

function unchanged(operationId: string): Make {
  return async (world) => {
    const { headers } = await world.ask(operationId);
    return { wish: { headers: { 'If-None-Match': headers.etag ?? '' } }, status: 304 };
  };
}
