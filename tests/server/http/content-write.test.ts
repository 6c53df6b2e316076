import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { DocumentId } from '../../../shared/ids.js';
import { ContentWorld, made } from '../../support/content-world.js';
import { LIMITS, type Person } from '../../support/document-node.js';
import { type Ask, codeOf, type HttpApp } from '../../support/http-app.js';

let world: ContentWorld;
let app: HttpApp;
let id: DocumentId;
let path: string;
let reader: Person;

beforeAll(async () => {
  world = await ContentWorld.start();
  ({ app } = world);
});
afterAll(() => app.close());
beforeEach(async () => {
  await world.renew();
  ({ id, path, reader } = world);
});

const send = (...request: Parameters<ContentWorld['send']>) => world.send(...request);
const put = (...request: Parameters<ContentWorld['put']>) => world.put(...request);
const patch = (...request: Parameters<ContentWorld['patch']>) => world.patch(...request);
const patchJson = (...request: Parameters<ContentWorld['patchJson']>) => world.patchJson(...request);
const shown = (): string => world.shown();

describe('a text', () => {
  test('[API18] is replaced by the smallest difference, saved, and shown to who is there', async () => {
    await reader.type('Hello dear world');
    const caret = Y.createRelativePositionFromTypeIndex(reader.doc.getText('text'), 12);
    expect(made(await put('Hello, my dear world'))).toMatchObject({ seq: 2, changed: true });
    expect(shown()).toBe('Hello, my dear world');
    expect(Y.createAbsolutePositionFromRelativePosition(caret, reader.doc)?.index).toBe(16);
    const rows = await app.store.readLog(id, 1, 10);
    expect(rows.map(({ author }) => author)).toEqual(['user:eddy']);
    expect(rows[0]?.update.length).toBeLessThan(60);
  });

  test('[API18] that is there already changes nothing', async () => {
    const first = made(await put('the same'));
    expect(made(await put('the same'))).toEqual({ ...first, changed: false });
    expect((await app.store.positions([id])).get(id)?.head).toBe(1);
  });

  test('[API18] is continued, and taken away whole', async () => {
    made(await send('POST', 'text', { text: 'one\n' }));
    made(await send('POST', 'text', { text: 'two 😀\n' }));
    expect(shown()).toBe('one\ntwo 😀\n');
    made(await put(''));
    expect(shown()).toBe('');
  });

  test('[API18] may be in another root, begin with a byte order mark, and come without a type', async () => {
    const body = Buffer.from('\uFEFFsecond');
    made(
      await send('PUT', 'text?root=other', {
        body,
        headers: { 'Content-Type': 'text/plain; charset=UTF-8' },
      }),
    );
    reader.catchUp();
    expect(reader.doc.getText('other').toString()).toBe('second');
  });

  test('[API18] of those who append at once nobody is lost', async () => {
    const lines = Array.from({ length: 20 }, (_, at) => `line ${at}\n`);
    const seqs = (await Promise.all(lines.map((text) => send('POST', 'text', { text })))).map(
      (one) => made(one).seq,
    );
    expect(new Set(seqs).size).toBe(20);
    expect(shown().split('\n').sort()).toEqual(lines.join('').split('\n').sort());
  });

  test('[API18] may be as large as a document; what is larger is refused before it has come', async () => {
    const large = 'abcdefghi\n'.repeat(LIMITS.maxUpdateBytes / 2);
    made(await put(large.slice(0, LIMITS.maxDocumentBytes / 2)));
    expect(shown()).toHaveLength(LIMITS.maxDocumentBytes / 2);
    const answer = await put('x'.repeat(LIMITS.maxDocumentBytes + 1));
    expect([answer.status, codeOf(answer)]).toEqual([413, 'body-too-large']);
  });

  test.each<[string, Ask, number, string]>([
    [
      'no UTF-8',
      { body: Buffer.from([0x61, 0xff]), headers: { 'Content-Type': 'text/plain' } },
      400,
      'bad-request',
    ],
    [
      'a half character',
      { body: Buffer.from('eda0bd', 'hex'), headers: { 'Content-Type': 'text/plain' } },
      400,
      'bad-request',
    ],
    ['JSON', { json: 'text' }, 415, 'unsupported-media-type'],
    [
      'latin1',
      { text: 'a', headers: { 'Content-Type': 'text/plain; charset=latin1' } },
      415,
      'unsupported-media-type',
    ],
    ['compressed', { text: 'a', headers: { 'Content-Encoding': 'br' } }, 415, 'unsupported-media-type'],
    ['conditions of reading', { text: 'a', headers: { 'If-None-Match': '*' } }, 400, 'bad-request'],
    ['no tag', { text: 'a', headers: { 'If-Match': 'abc' } }, 400, 'bad-request'],
  ])('[API18] %s is refused, and changes nothing', async (_, more, status, code) => {
    const answer = await send('PUT', 'text', more);
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
    expect((await app.store.positions([id])).get(id)?.head).toBe(0);
  });
});

describe('a text with embeds', () => {
  const read = async (query = '') => world.send('GET', `text${query}`, {});
  const begin = [
    { insert: { image: 'p.png' } },
    { insert: ' TODO: buy ' },
    { insert: 'milk', attributes: { bold: true } },
  ];

  test('[API31] has one character for each: places in what is read are those of a delta', async () => {
    made(await patch(begin));
    const { text, headers } = await read();
    expect(text).toBe('\ufffc TODO: buy milk');
    const at = text.indexOf('TODO');
    const headersOf = { 'If-Match': headers.etag ?? '' };
    made(await patch([{ retain: at }, { delete: 4 }, { insert: 'DONE' }], { headers: headersOf }));
    expect((await read()).text).toBe('\ufffc DONE: buy milk');
    expect((await world.send('GET', 'export?format=plain', {})).text).toBe(' DONE: buy milk');
  });

  test('[API31] is written as it was read: embeds and formats stay', async () => {
    made(await patch(begin));
    const { text } = await read();
    expect(made(await put(text))).toMatchObject({ changed: false });
    made(await put(text.replace('TODO: buy', 'DONE: bought')));
    expect(JSON.parse((await read('?format=delta')).text)).toEqual([
      begin[0],
      { insert: ' DONE: bought ' },
      begin[2],
    ]);
    const none = await put(`${text}\ufffc`);
    expect([none.status, codeOf(none)]).toEqual([422, 'patch-failed']);
    made(await put(' all gone'));
    expect(JSON.parse((await read('?format=delta')).text)).toEqual([{ insert: ' all gone' }]);
  });

  test('[API31] loses the embed of the line that is gone, and none if it is not clear which', async () => {
    const line = (n: number) => `Paragraph ${n} of several. See this picture, please: `;
    const all = [0, 1, 2, 3, 4].flatMap((n) => [
      { insert: line(n) },
      { insert: { image: `${n}.png` } },
      { insert: '\n' },
    ]);
    made(await patch([{ insert: 'Tilte\n' }, ...all, { insert: 'teh end' }]));
    const lines = (await read()).text.replace('Tilte', 'Title').replace('teh', 'the').split('\n');
    made(await put(lines.filter((text) => !text.includes(' 2 ')).join('\n')));
    const left = [0, 1, 3, 4].map((n) => `${line(n)}[${n}.png]\n`).join('');
    const shown = async () =>
      (JSON.parse((await read('?format=delta')).text) as { insert: string | { image: string } }[])
        .map(({ insert }) => (typeof insert === 'string' ? insert : `[${insert.image}]`))
        .join('');
    expect(await shown()).toBe(`Title\n${left}the end`);
    const unclear = await put('\ufffc');
    expect([unclear.status, codeOf(unclear)]).toEqual([422, 'patch-failed']);
    expect(await shown()).toBe(`Title\n${left}the end`);
  });

  test('[API31] whose embeds are not there: U+FFFC is put as it is appended', async () => {
    made(await put('pasted: \ufffc end'));
    made(await send('POST', 'text', { text: ' \ufffc' }));
    made(await put('\ufffc pasted: \ufffc end \ufffc'));
    expect((await read()).text).toBe('\ufffc pasted: \ufffc end \ufffc');
  });

  test('[API31] is read as a delta under the same conditions, and that makes it anew elsewhere', async () => {
    made(await patch(begin));
    const delta = await read('?format=delta');
    expect([delta.status, delta.headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(delta.text)).toEqual(begin);
    const ETag = delta.headers.etag ?? '';
    expect((await read()).headers.etag).toBe(ETag);
    const known = await world.send('GET', 'text?format=delta', { headers: { 'If-None-Match': ETag } });
    const other = await world.send('GET', 'text?format=delta', { headers: { 'If-Match': '"9-x"' } });
    expect([known.status, other.status]).toEqual([304, 412]);
    made(await send('PATCH', 'text?root=copy', { json: JSON.parse(delta.text) as unknown }));
    expect((await read('?format=delta&root=copy')).text).toBe(delta.text);
    const wrong = await read('?format=html');
    expect([wrong.status, codeOf(wrong)]).toEqual([400, 'bad-request']);
  });
});

describe('a delta', () => {
  test('[API19] changes a text in places, with formats', async () => {
    await put('Hello world');
    made(
      await patch([
        { retain: 5, attributes: { bold: true } },
        { insert: ',' },
        { retain: 1 },
        { delete: 5 },
        { insert: 'you', attributes: { italic: true } },
      ]),
    );
    reader.catchUp();
    expect(reader.doc.getText('text').toDelta()).toEqual([
      { insert: 'Hello', attributes: { bold: true } },
      { insert: ', ' },
      { insert: 'you', attributes: { italic: true } },
    ]);
  });

  test('[API19] that does not fit is refused as a whole', async () => {
    await put('short');
    const answer = await patch([{ insert: 'never ' }, { retain: 6 }]);
    expect([answer.status, codeOf(answer)]).toEqual([422, 'patch-failed']);
    expect(shown()).toBe('short');
    made(await patch([{ retain: 5 }, { insert: 'er' }]));
    expect(shown()).toBe('shorter');
  });

  test('[API19] of another form is refused, and one without operations changes nothing', async () => {
    expect(codeOf(await patch([{ keep: 1 }]))).toBe('bad-request');
    expect(codeOf(await patch({ ops: [] }))).toBe('bad-request');
    expect(made(await patch([]))).toMatchObject({ seq: 0, changed: false });
  });
});

describe('a JSON patch', () => {
  test('[API20] changes shared types', async () => {
    reader.doc.getMap('board').set('title', 'Plan');
    await reader.submit(Y.encodeStateAsUpdate(reader.doc));
    made(
      await patchJson([
        { op: 'test', path: '/board/title', value: 'Plan' },
        { op: 'replace', path: '/board/title', value: 'Plan B' },
        { op: 'add', path: '/board/cards', value: [{ text: 'one' }] },
        { op: 'add', path: '/board/cards/-', value: { text: 'two' } },
        { op: 'move', from: '/board/cards/1', path: '/board/cards/0' },
      ]),
    );
    const answer = await app.ask(`${path}/json?root=board`, { token: 'ada' });
    expect(JSON.parse(answer.text)).toEqual({ title: 'Plan B', cards: [{ text: 'two' }, { text: 'one' }] });
  });

  test('[API20] that does not fit is refused as a whole', async () => {
    reader.doc.getMap('board').set('title', 'Plan');
    await reader.submit(Y.encodeStateAsUpdate(reader.doc));
    const answer = await patchJson([
      { op: 'replace', path: '/board/title', value: 'never' },
      { op: 'remove', path: '/board/none' },
    ]);
    expect([answer.status, codeOf(answer)]).toEqual([422, 'patch-failed']);
    expect(JSON.parse((await app.ask(`${path}/json`, { token: 'ada' })).text)).toEqual({
      board: { title: 'Plan' },
    });
  });

  test('[API20] comes under its own media type', async () => {
    const answer = await send('PATCH', 'json', { json: [] });
    expect([answer.status, codeOf(answer)]).toEqual([415, 'unsupported-media-type']);
  });
});

describe('a Yjs update', () => {
  const bytes = (body: Buffer | Uint8Array): Ask => ({
    body: Buffer.from(body),
    headers: { 'Content-Type': 'application/octet-stream' },
  });

  test('[API21] that was made elsewhere is taken, and once more does no harm', async () => {
    const elsewhere = new Y.Doc();
    Y.applyUpdate(elsewhere, (await app.ask(`${path}/state`, { token: 'ada' })).body);
    elsewhere.getText('text').insert(0, 'made elsewhere');
    const update = Y.encodeStateAsUpdate(elsewhere);
    for (let turn = 0; turn < 2; turn++) made(await send('POST', 'updates', bytes(update)));
    expect(shown()).toBe('made elsewhere');
  });

  test.each<[string, Uint8Array, number, string]>([
    ['nothing', new Uint8Array(), 400, 'invalid-update'],
    ['something else', Buffer.from('no update'), 400, 'invalid-update'],
    ['a part of one', Y.encodeStateAsUpdate(docWith('some text')).subarray(0, 12), 400, 'invalid-update'],
    ['one that builds on others', missing(), 409, 'missing-dependencies'],
    ['too much', Buffer.alloc(LIMITS.maxUpdateBytes + 1), 413, 'body-too-large'],
  ])('[API21] %s is refused', async (_, update, status, code) => {
    const answer = await send('POST', 'updates', bytes(update));
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
    expect(shown()).toBe('');
  });
});

test.each([
  ['PATCH', 'json', 'application/json-patch+json', '[{"op":"add","path":"/board/n","value":[NUMBER]}]'],
  ['PATCH', 'text', 'application/json', '[{"insert":"a","attributes":{"size":NUMBER}}]'],
])('[API30] %s %s: a number is stored as it was sent, or refused', async (method, tail, type, json) => {
  const write = (number: string) => {
    const body = Buffer.from(json.replace('NUMBER', number));
    return send(method, tail, { body, headers: { 'Content-Type': type } });
  };
  for (const number of ['1e400', '-9007199254740993']) {
    const answer = await write(number);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'bad-request']);
    expect(answer.text).toContain(number);
  }
  expect((await app.store.positions([id])).get(id)?.head).toBe(0);
  made(await write('9007199254740991'));
});

function docWith(text: string): Y.Doc {
  const doc = new Y.Doc();
  doc.getText('text').insert(0, text);
  return doc;
}

function missing(): Uint8Array {
  const doc = docWith('some');
  const before = Y.encodeStateVector(doc);
  doc.getText('text').insert(4, ' text');
  return Y.encodeStateAsUpdate(doc, before);
}
