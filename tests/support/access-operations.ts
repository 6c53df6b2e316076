import { expect } from '@jest/globals';
import * as Y from 'yjs';
import type { Committed, Refused, Renewed } from '../../shared/protocol.js';
import { type AccessOperation, type Attempt, asked, outcome, type Visit } from './access-attempts.js';
import { authOf, connectOr } from './access-world.js';
import { CONTENT_OPERATIONS } from './content-operations.js';
import { EventReader } from './event-reader.js';
import { askApi, jsonOf } from './http-api.js';
import { awarenessOf, ownUpdate } from './presence-people.js';
import { RawClient } from './raw-client.js';
import { until } from './until.js';
import { Y_WEBSOCKET_OPERATIONS } from './y-websocket-operations.js';

/** Runs something with a client that has joined. */
function joined(run: (client: RawClient, visit: Visit) => Promise<string>, nowhere = false): Attempt {
  return async (visit) => {
    const { world, document, token, transport } = visit;
    const name = nowhere ? world.newName() : document.id;
    const client = await connectOr(world.url, { document: name, token, transport });
    if (typeof client === 'string') return client;
    try {
      const reply = await client.join();
      return reply.ok ? await run(client, visit) : reply.error.code;
    } finally {
      client.close();
    }
  };
}

function codeOf(reply: Committed | Renewed | Refused): string {
  return reply.ok ? 'ok' : reply.error.code;
}

/** What a client that has been offline brings: edits of its own, and of somebody whom it met there. */
function edits(client: RawClient): Uint8Array {
  const friend = new Y.Doc();
  Y.applyUpdate(friend, Y.encodeStateAsUpdate(client.doc));
  const before = Y.encodeStateVector(friend);
  friend.getText('text').insert(0, "a friend's ");
  Y.applyUpdate(
    friend,
    client.edit((text) => text.insert(text.length, ' of mine')),
  );
  return Y.encodeStateAsUpdate(friend, before);
}

/** Shows himself, and looks whether somebody else sees it. */
async function showHimself(client: RawClient, { world, document }: Visit): Promise<string> {
  const other = await RawClient.joined(world.url, { document: document.id, auth: authOf(document.token) });
  try {
    client.socket.emit('awareness', ownUpdate(awarenessOf({ user: { name: 'I' } }, client.doc.clientID)));
    const seen = (): boolean => other.got('awareness').length > 0;
    await until(() => seen() || client.refusals.length > 0, 'to be seen, or refused');
    return seen() ? 'ok' : String(client.refusals[0]);
  } finally {
    other.close();
  }
}

async function isListed({ world, document, token }: Visit): Promise<string> {
  const answer = await askApi(world.url, 'GET', 'documents?limit=500', { token });
  if (answer.code !== undefined) return answer.code;
  const { documents } = jsonOf<{ readonly documents: readonly { readonly id: string }[] }>(answer);
  return documents.some(({ id }) => id === document.id) ? 'ok' : 'not listed';
}

async function revokeLink({ world, document, token }: Visit): Promise<string> {
  const id = world.name === 'open' ? 'none' : (await document.link('viewer')).id;
  const before = await document.state();
  const done = outcome(await document.ask('DELETE', `/links/${id}`, { token }));
  if (done !== 'ok') expect(await document.state()).toEqual(before);
  return done;
}

/** Everything that somebody can do, and how. */
export const ACCESS_OPERATIONS = {
  connect: {
    protocol: 'Socket.IO',
    needs: 'read',
    attempt: async ({ world, document, token, transport }) => {
      const client = await connectOr(world.url, { document: document.id, token, transport });
      if (typeof client === 'string') return client;
      client.close();
      return 'ok';
    },
  },
  'join a document': {
    protocol: 'Socket.IO',
    needs: 'read',
    messages: ['join'],
    attempt: joined(async (client) => {
      expect(client.text).toBe('text');
      return 'ok';
    }),
  },
  'join a document that is not there': {
    protocol: 'Socket.IO',
    needs: 'edit',
    attempt: joined(async () => 'ok', true),
  },
  'send a live update': {
    protocol: 'Socket.IO',
    needs: 'edit',
    messages: ['update'],
    attempt: joined(async (client, { document }) => {
      const reply = await client.type('!');
      if (reply.ok) expect((await document.written()).text).toBe('text!');
      return codeOf(reply);
    }),
  },
  'send a catch-up update': {
    protocol: 'Socket.IO',
    needs: 'edit',
    messages: ['update'],
    attempt: joined(async (client, { document }) => {
      const reply = await client.update(edits(client), 'catch-up');
      if (reply.ok) expect((await document.written()).text).toBe("a friend's text of mine");
      return codeOf(reply);
    }),
  },
  'show himself': {
    protocol: 'Socket.IO',
    needs: 'show-presence',
    messages: ['awareness'],
    attempt: joined(showHimself),
  },
  'say that he sees something else': {
    protocol: 'Socket.IO',
    needs: 'read',
    messages: ['diverged'],
    attempt: joined(async (client) => {
      client.socket.emit('diverged', client.seq, '1:00');
      await client.settled();
      return client.refusals.length === 0 ? 'ok' : String(client.refusals[0]);
    }),
  },
  'renew a token': {
    protocol: 'Socket.IO',
    needs: 'read',
    messages: ['token'],
    attempt: joined(async (client, { token }) =>
      codeOf(await client.socket.emitWithAck('token', token ?? 'none')),
    ),
  },
  'find it in the list': { protocol: 'HTTP', needs: 'read', attempt: isListed },
  'create a document': {
    protocol: 'HTTP',
    needs: 'create',
    attempt: async ({ world, token }) =>
      outcome(await askApi(world.url, 'POST', 'documents', { token, body: { id: world.newName() } })),
  },
  'read its facts': { protocol: 'HTTP', needs: 'read', attempt: asked('GET', '') },
  ...CONTENT_OPERATIONS,
  'follow it': {
    protocol: 'HTTP',
    needs: 'read',
    attempt: async ({ world, document, token }) => {
      const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
      const reader = await EventReader.open(`${world.url}/api/documents/${document.id}/events`, { headers });
      try {
        if (reader.status !== 200) return (JSON.parse(await reader.text()) as { readonly code: string }).code;
        expect(await reader.take('snapshot')).toMatchObject({ text: 'text' });
        return 'ok';
      } finally {
        reader.close();
      }
    },
  },
  'list its links': { protocol: 'HTTP', needs: 'share', attempt: asked('GET', '/links') },
  'make a link': { protocol: 'HTTP', needs: 'share', attempt: asked('POST', '/links', { role: 'viewer' }) },
  'revoke a link': {
    protocol: 'HTTP',
    needs: 'share',
    attempt: revokeLink,
    untouched: (document) => document.written(),
  },
  'delete it': { protocol: 'HTTP', needs: 'delete', attempt: asked('DELETE', '') },
  'restore it': {
    protocol: 'HTTP',
    needs: 'restore',
    before: (document) => document.ask('DELETE', '', { token: document.token }),
    attempt: asked('POST', '/restore'),
    untouched: (document) => document.reachable(),
  },
  'revoke tokens': {
    protocol: 'HTTP',
    attempt: async ({ world, token }) =>
      outcome(await askApi(world.url, 'POST', 'revocations', { token, body: { user: 'somebody else' } })),
  },
  ...Y_WEBSOCKET_OPERATIONS,
} as const satisfies Record<string, AccessOperation>;

export type OperationName = keyof typeof ACCESS_OPERATIONS;
