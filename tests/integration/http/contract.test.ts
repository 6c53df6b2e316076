import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeApi } from '../../../server/http/openapi/describe-api.js';
import type { Operation } from '../../../server/http/openapi/openapi.js';
import { BAD_REQUESTS } from '../../support/contract-bad.js';
import { GOOD_REQUESTS } from '../../support/contract-good.js';
import { ContractWorld, TOKENS, type Wish } from '../../support/contract-world.js';

const FACTS = { maxBodyBytes: 1, maxUpdateBytes: 1, maxDocumentBytes: 1 };
const DESCRIBED = describeApi({ version: '', mode: 'tokens', serverUrl: '/', facts: FACTS });
const OPERATIONS = Object.values(DESCRIBED.paths).flatMap((item) => Object.values(item) as Operation[]);
const ASKED_WHO = OPERATIONS.filter(({ security }) => security.length > 0).map((one) => one.operationId);

let world: ContractWorld;
beforeAll(async () => {
  world = await ContractWorld.start();
});
afterAll(() => world.stop());

/** The first of the good requests: what is wrong with others is put into it. */
async function goodWish(id: string): Promise<Wish> {
  const good = Object.values(GOOD_REQUESTS[id] ?? {})[0];
  if (good === undefined) throw new Error(`there is no good request for ${id}`);
  return (await good(world)).wish;
}

function told({ status, code }: { readonly status: number; readonly code?: string | undefined }): string {
  return code === undefined ? String(status) : `${status} ${code}`;
}

describe('what is good', () => {
  test('[OAS8] has a request for every operation', () => {
    const ids = OPERATIONS.map(({ operationId }) => operationId);
    expect(Object.keys(GOOD_REQUESTS).sort()).toEqual([...ids].sort());
  });

  const rows = Object.entries(GOOD_REQUESTS).flatMap(([id, all]) =>
    Object.entries(all).map(([name, make]) => [id, name, make] as const),
  );

  test.each(rows)('[OAS8] %s: %s', async (id, _, make) => {
    const { wish, status, code, also } = await make(world);
    const got = await world.ask(id, wish);
    expect(told(got)).toBe(told({ status, code }));
    await also?.(got);
  });
});

describe('what is bad in a way of its own', () => {
  test.each(BAD_REQUESTS)('[OAS8] %s: %s is %s', async (id, _, expected, make) => {
    const got = await world.ask(id, await make(world));
    expect(told(got)).toBe(expected);
  });
});

describe('whoever', () => {
  const FOR_WHOM: readonly [who: string, wish: Wish, expected: string][] = [
    ['has no token', { token: undefined }, '401 unauthenticated'],
    ['has none that is one', { token: TOKENS.malformed }, '401 unauthenticated'],
    ['has one that has expired', { token: TOKENS.expired }, '401 token-expired'],
    ['comes from a foreign page', { headers: { Origin: 'https://evil.example' } }, '403 origin-refused'],
    ['sends a parameter that is unknown', { query: { unknown: '1' } }, '400 bad-request'],
  ];

  test.each(FOR_WHOM)('[OAS8] %s is refused by every operation', async (_, more, expected) => {
    for (const id of ASKED_WHO) {
      const wish = await goodWish(id);
      const merged = { ...wish, ...more, query: { ...wish.query, ...more.query } };
      expect([id, told(await world.ask(id, merged))]).toEqual([id, expected]);
    }
  });

  test('[OAS8] asks too often is refused by every operation', async () => {
    for (const [at, id] of ASKED_WHO.entries()) {
      const wish = await goodWish(id);
      const headers = { 'X-Forwarded-For': `203.0.113.${at}` };
      await world.ask('listDocuments', { headers });
      expect([id, told(await world.ask(id, { ...wish, headers }))]).toEqual([id, '429 too-many-requests']);
    }
  });

  test('[OAS8] has not the role that it takes is refused', async () => {
    for (const { operationId: id, 'x-least-role': least } of OPERATIONS) {
      const lower = { editor: 'viewer', owner: 'editor', operator: 'owner' }[least.split(' ')[0] ?? ''];
      if (lower === undefined || id === 'importWorkspace') continue;
      const token = TOKENS[lower as keyof typeof TOKENS];
      const got = await world.ask(id, { ...(await goodWish(id)), token });
      expect([id, got.status, got.code]).toEqual([
        id,
        403,
        expect.stringMatching(/^(not-allowed|read-only)$/),
      ]);
    }
  });

  test('[OAS8] may do nothing gets what he gets where there is nothing', async () => {
    for (const id of withParameter('name')) {
      if (isForOperators(id)) continue;
      const wish = { ...(await goodWish(id)), token: TOKENS.stranger };
      const got = await world.ask(id, wish);
      expect([id, told(got)]).toEqual([id, '404 no-access']);
      expect((await world.ask(id, { ...wish, document: 'acme/nothing' })).body).toEqual(got.body);
    }
  });
});

describe('a document', () => {
  test('[OAS8] [API25] that has another name by now is answered with its place by every operation', async () => {
    const [document, to] = [await world.document(), world.newName()];
    await world.ask('moveDocument', { document, body: { to } });
    for (const id of withParameter('name')) {
      if (isForOperators(id)) continue;
      const got = await world.ask(id, { ...(await goodWish(id)), document });
      expect([id, got.status, got.headers.location?.startsWith(`/api/documents/${to}`)]).toEqual([
        id,
        308,
        true,
      ]);
    }
  });

  test('[OAS8] whose name is none is refused by every operation', async () => {
    for (const id of withParameter('name')) {
      const got = await world.ask(id, { ...(await goodWish(id)), document: 'acme/.hidden' });
      expect([id, told(got)]).toEqual([id, '400 invalid-document-id']);
    }
  });

  test('[OAS8] that is not there is told to its viewers', async () => {
    const reads = withParameter('name').filter(
      (id) => world.place(id).operation['x-least-role'] === 'viewer',
    );
    for (const id of reads) {
      const got = await world.ask(id, {
        ...(await goodWish(id)),
        document: 'acme/nothing',
        token: TOKENS.viewer,
      });
      expect([id, told(got)]).toEqual([id, '404 no-access']);
    }
  });

  test('[OAS8] that is deleted is told to its owners', async () => {
    for (const id of withParameter('name')) {
      // Operators are shown it.
      if (id === 'restoreDocument' || id === 'inspectDocument') continue;
      const wish = await goodWish(id);
      const document = await world.document();
      await world.ask('deleteDocument', { document });
      expect([id, told(await world.ask(id, { ...wish, document }))]).toEqual([
        id,
        expect.stringMatching(/^(404 (no-access|not-found)|410 document-deleted)$/),
      ]);
    }
  });
});

describe('a body', () => {
  const withBody = OPERATIONS.filter(({ requestBody }) => requestBody !== undefined).map(
    (one) => one.operationId,
  );

  test('[OAS8] that is too large is refused before it has come', async () => {
    for (const id of withBody) {
      const { body: _, ...wish } = await goodWish(id);
      const got = await world.ask(id, { ...wish, promise: 1_000_000_000_000 });
      expect([id, told(got)]).toEqual([id, '413 body-too-large']);
    }
  });

  test('[OAS8] of another type is refused', async () => {
    for (const id of withBody) {
      const got = await world.ask(id, { ...(await goodWish(id)), type: 'image/png' });
      expect([id, told(got)]).toEqual([id, '415 unsupported-media-type']);
    }
  });

  const MALFORMED: Readonly<Record<string, readonly unknown[]>> = {
    'application/json': [
      '{"a":',
      'null',
      '"text"',
      '7',
      [7],
      { unknown: 1 },
      Buffer.from([0x22, 0xff, 0x22]),
    ],
    'application/json-patch+json': [
      '[{',
      '{}',
      [7],
      [{ op: 'grow', path: '/a' }],
      [{ op: 'add', path: '/a' }],
    ],
    'text/plain': [Buffer.from([0x61, 0xff])],
    'application/octet-stream': [Buffer.from([1, 2, 3]), Buffer.alloc(0)],
    'application/zip': [Buffer.from('PK'), Buffer.alloc(0)],
  };

  test('[OAS8] that is malformed is refused', async () => {
    for (const id of withBody) {
      const wish = await goodWish(id);
      for (const body of MALFORMED[world.bodyType(id) ?? ''] ?? []) {
        const { status, code } = await world.ask(id, { ...wish, body });
        expect([id, body, status, code]).toEqual([id, body, 400, expect.any(String)]);
      }
    }
  });
});

describe('a condition', () => {
  test('[OAS8] that does not hold is refused, and one that is none', async () => {
    for (const id of withParameter('If-Match')) {
      const wish = await goodWish(id);
      const withTag = (tag: string): Wish => ({ ...wish, headers: { ...wish.headers, 'If-Match': tag } });
      expect([id, told(await world.ask(id, withTag('"7-other"')))]).toEqual([id, '412 precondition-failed']);
      expect([id, told(await world.ask(id, withTag('7')))]).toEqual([id, '400 bad-request']);
    }
  });

  test('[OAS8] under which nothing has changed is answered without a body', async () => {
    for (const id of withParameter('If-None-Match')) {
      // What is made has no version: there it says that nothing may have the name.
      if (id === 'createDocument') continue;
      const wish = await goodWish(id);
      const { headers } = await world.ask(id, wish);
      const tag = headers.etag ?? '';
      const known = await world.ask(id, { ...wish, headers: { 'If-None-Match': tag } });
      expect([id, known.status, known.headers.etag]).toEqual([id, 304, tag]);
    }
  });
});

describe('HEAD', () => {
  test('[OAS8] is answered by everything that answers GET, with the same headers', async () => {
    for (const [id, { method }] of world.places) {
      if (method !== 'get') continue;
      const wish = await goodWish(id);
      const { status, headers } = await world.ask(id, wish);
      const head = await world.ask(id, { ...wish, method: 'HEAD' });
      expect([id, head.status, head.headers['content-type']]).toEqual([id, status, headers['content-type']]);
      expect([id, head.headers.etag]).toEqual([id, headers.etag]);
    }
  });
});

describe('an Idempotency-Key', () => {
  test('[OAS8] has the same answered again, is refused for something else, and if it is none', async () => {
    for (const id of withParameter('Idempotency-Key')) {
      const wish = await goodWish(id);
      const withKey = (key: string): Wish => ({ ...wish, headers: { 'Idempotency-Key': key } });
      const first = await world.ask(id, withKey(`key-of-${id}`));
      expect([id, first.status < 300, first.headers['idempotency-replayed']]).toEqual([id, true, undefined]);
      const again = await world.ask(id, withKey(`key-of-${id}`));
      expect([id, again.status, again.body]).toEqual([id, first.status, first.body]);
      expect([id, again.headers['idempotency-replayed']]).toEqual([id, 'true']);
      const other = id === 'importWorkspace' ? { workspace: 'acme' } : { document: 'acme/other' };
      const reused = id === 'createDocument' ? { body: { id: world.newName() } } : other;
      expect([id, told(await world.ask(id, { ...withKey(`key-of-${id}`), ...reused }))]).toEqual([
        id,
        '422 idempotency-key-reused',
      ]);
      expect([id, told(await world.ask(id, withKey('a'.repeat(65))))]).toEqual([id, '400 bad-request']);
    }
  });
});

describe('all of it', () => {
  test('[OAS8] every operation was answered in every way that goes well', () => {
    // It takes two nodes: tests/integration/admin/nodes.test.ts.
    expect(world.contract.missing).toEqual(['drainNode 204']);
  });
});

describe('other modes', () => {
  test('[OAS8] in mode links, who makes a document gets a link, once', async () => {
    const links = await ContractWorld.start(['--auth', 'links']);
    try {
      const got = await links.ask('createDocument', { body: { id: 'acme/plan' }, token: undefined });
      const { link } = JSON.parse(got.body.toString()) as { readonly link: { readonly token: string } };
      const { token } = link;
      for (const id of ['getDocument', 'readText', 'listLinks', 'listDocuments'])
        expect(told(await links.ask(id, { document: 'acme/plan', token }))).toBe('200');
      const copy = { document: 'acme/plan', token, body: { to: 'acme/copy' } };
      expect(told(await links.ask('copyDocument', copy))).toBe('201');
      for (const id of ['createDocument', 'copyDocument']) {
        const body = id === 'createDocument' ? {} : { to: 'acme/third' };
        const keyed = { ...copy, body, headers: { 'Idempotency-Key': 'key' } };
        expect(told(await links.ask(id, keyed))).toBe('400 bad-request');
      }
    } finally {
      await links.stop();
    }
  });

  test('[OAS8] in mode open nobody needs a token, and there are no links', async () => {
    const open = await ContractWorld.start(['--auth', 'open']);
    try {
      const wish = { document: 'acme/plan', token: undefined };
      expect(told(await open.ask('createDocument', { body: { id: 'acme/plan' }, token: undefined }))).toBe(
        '201',
      );
      expect(told(await open.ask('readText', wish))).toBe('200');
      expect(told(await open.ask('listLinks', wish))).toBe('409 sharing-off');
      expect(told(await open.ask('makeLink', { ...wish, body: { role: 'viewer' } }))).toBe('409 sharing-off');
      expect(told(await open.ask('revokeLink', { ...wish, link: 'any' }))).toBe('409 sharing-off');
    } finally {
      await open.stop();
    }
  });
});

function isForOperators(id: string): boolean {
  return world.place(id).operation['x-least-role'] === 'operator';
}

function withParameter(name: string): readonly string[] {
  return ASKED_WHO.filter((id) => world.parametersOf(id).some((one) => one.name === name));
}
