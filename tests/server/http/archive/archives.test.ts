import { readdirSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { CoscribeError } from '../../../../shared/errors.js';
import { type DocumentId, parseDocumentId } from '../../../../shared/ids.js';
import { archiveOf, readArchive, sha256, stateOf } from '../../../support/archives.js';
import { Person } from '../../../support/document-node.js';
import { codeOf, type HttpAnswer, type HttpApp, startHttpApp } from '../../../support/http-app.js';
import { randomBytes, seededRandom } from '../../../support/random.js';
import { until } from '../../../support/until.js';

let app: HttpApp;
afterEach(() => app.close());

const noise = (length: number): string =>
  Buffer.from(randomBytes(seededRandom(1), length))
    .toString('base64')
    .slice(0, length);
const idOf = (name: string): DocumentId => parseDocumentId(`acme/${name}`);
const EXPORT = '/api/workspaces/acme/export';
const IMPORT = '/api/workspaces/acme/import';

async function write(name: string, text: string, workspace = 'acme'): Promise<void> {
  const path = `/api/documents/${workspace}/${name}/text`;
  const token = app.management.mode === 'tokens' ? 'owner' : undefined;
  if (token) app.house.let(token, 'owner', parseDocumentId(`${workspace}/${name}`));
  expect((await app.ask(path, { method: 'PUT', text, token })).status).toBe(200);
}

const textOf = async (id: string): Promise<string> => (await app.ask(`/api/documents/${id}/text`)).text;

interface ImportOptions {
  readonly query?: string;
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly path?: string;
}

function bring(
  body: Buffer,
  { query = '', token, headers, path = IMPORT }: ImportOptions = {},
): Promise<HttpAnswer> {
  const type = { 'Content-Type': 'application/zip' };
  return app.ask(`${path}${query}`, { method: 'POST', body, token, headers: { ...type, ...headers } });
}

interface Result {
  readonly name: string;
  readonly result: string;
  readonly code?: string;
  readonly detail?: string;
  readonly link?: { readonly token: string };
}

/** What became of each document, as `name: result`. */
function results({ status, text }: HttpAnswer): readonly string[] {
  expect(status).toBe(200);
  const { documents } = JSON.parse(text) as { documents: Result[] };
  return documents.map(
    ({ name, result, code }) => `${name}: ${result}${code === undefined ? '' : ` ${code}`}`,
  );
}

describe('an archive', () => {
  test('[ARCH1] has the state of every document, what people read of it, and a manifest', async () => {
    app = await startHttpApp();
    await write('plan', '# Plan\n');
    await write('notes', 'other workspace', 'other');
    await app.store.create(idOf('empty'), 5);
    const board = { method: 'PATCH', body: '[{"op":"add","path":"/board","value":{"a":1}}]' };
    const patch = { headers: { 'Content-Type': 'application/json-patch+json' } };
    expect((await app.ask('/api/documents/acme/board/json', { ...board, ...patch })).status).toBe(200);

    const { status, headers, body } = await app.ask(EXPORT);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/zip',
      'content-disposition': 'attachment; filename="acme.zip"',
      'cache-control': 'no-store',
    });
    const { manifest, files, text } = readArchive(body);
    expect(Object.keys(files).sort()).toEqual([
      'documents/board.json',
      'documents/board.yjs',
      'documents/empty.yjs',
      'documents/plan.md',
      'documents/plan.yjs',
      'manifest.json',
    ]);
    expect(text('documents/plan.md')).toBe('# Plan');
    expect(JSON.parse(text('documents/board.json'))).toEqual({ board: { a: 1 } });
    expect(manifest).toMatchObject({ format: 'coscribe-archive', version: 1, workspace: 'acme' });
    expect(manifest.documents.map(({ name, seq }) => [name, seq])).toEqual([
      ['board', 1],
      ['empty', 0],
      ['plan', 1],
    ]);
    const [, , plan] = manifest.documents;
    const found = (await app.store.positions([idOf('plan')])).get(idOf('plan'));
    expect(plan).toMatchObject({
      generation: found?.generation,
      sha256: sha256(files['documents/plan.yjs'] ?? new Uint8Array()),
    });
    expect(Date.parse(plan?.updatedAt ?? '')).toBeGreaterThan(Date.now() - 60_000);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, files['documents/plan.yjs'] ?? new Uint8Array());
    expect(doc.getText('text').toString()).toBe('# Plan\n');
  });

  test('[ARCH1] of more documents than are listed at once has them all', async () => {
    app = await startHttpApp();
    const names = Array.from({ length: 230 }, (_, at) => `d${String(at).padStart(3, '0')}`);
    for (const name of names) await app.store.create(idOf(name), 5);
    const { manifest } = readArchive((await app.ask(EXPORT)).body);
    expect(manifest.documents.map(({ name }) => name)).toEqual(names);
  });

  test('[ARCH2] of mode tokens has what its asker may read; nobody else gets one', async () => {
    app = await startHttpApp({ mode: 'tokens' });
    for (const name of ['one', 'two', 'three']) await write(name, name);
    app.house.let('ada', 'viewer', idOf('two'));
    const { manifest, files } = readArchive((await app.ask(EXPORT, { token: 'ada' })).body);
    expect(manifest.documents.map(({ name }) => name)).toEqual(['two']);
    expect(Object.keys(files)).toHaveLength(3);
    const { token } = await (await app.newDocument()).link('viewer');
    expect(readArchive((await app.ask(EXPORT, { token })).body).manifest.documents).toHaveLength(1);
    expect(codeOf(await app.ask(EXPORT))).toBe('unauthenticated');
    expect(codeOf(await app.ask(EXPORT, { token: 'nobody' }))).toBe('unauthenticated');
  });

  test('[ARCH2] of mode links has the document of the link, and nobody gets one without', async () => {
    app = await startHttpApp({ mode: 'links' });
    const { id, link } = await app.newDocument();
    await app.newDocument();
    const { token } = await link('viewer');
    const { manifest } = readArchive((await app.ask(EXPORT, { token })).body);
    expect(manifest.documents.map(({ name }) => `acme/${name}`)).toEqual([id]);
    expect(codeOf(await app.ask(EXPORT))).toBe('not-allowed');
    expect(codeOf(await app.ask('/api/workspaces/other/export', { token }))).toBe('not-allowed');
  });

  test('[ARCH3] names a document that cannot be read, with the reason, and has the others', async () => {
    app = await startHttpApp();
    for (const name of ['a', 'b', 'c']) await write(name, name);
    app.copies.refuse = (id) => (id === idOf('b') ? new CoscribeError('document-unreadable') : undefined);
    const { manifest, files } = readArchive((await app.ask(EXPORT)).body);
    expect(manifest.documents.map(({ name, error }) => [name, error])).toEqual([
      ['a', undefined],
      ['b', 'document-unreadable'],
      ['c', undefined],
    ]);
    expect(files).not.toHaveProperty('documents/b.yjs');
    // Whoever imports it is told nothing about that one: it is not in there.
    const answer = await bring(archiveAgain(files), { path: '/api/workspaces/copy/import' });
    expect(results(answer)).toEqual(['a: created', 'c: created']);
  });

  test('[ARCH3] ends early, and shows it, once its asker is nobody any more', async () => {
    app = await startHttpApp({ mode: 'tokens' });
    for (const name of ['a', 'b']) await write(name, name);
    app.copies.refuse = (id) => {
      if (id === idOf('a')) app.house.people.clear();
      return undefined;
    };
    await expect(app.ask(EXPORT, { token: 'owner' })).rejects.toThrow('aborted');
    expect(app.log.entries.some(({ message }) => message === 'The archive of a workspace ended early')).toBe(
      true,
    );
  });

  test('[ARCH4] of one sender at most two are under way', async () => {
    app = await startHttpApp();
    await write('a', 'a');
    const release = holdViews();
    const two = [app.ask(EXPORT), app.ask(EXPORT)];
    await until(() => app.copies.views === 2, 'two exports');
    expect(codeOf(await app.ask(EXPORT))).toBe('too-many-requests');
    expect((await app.ask(EXPORT, { method: 'HEAD' })).status).toBe(200);
    release();
    expect((await Promise.all(two)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await app.ask(EXPORT)).status).toBe(200);
  });

  test('[ARCH4] that nobody takes any more is not gone on with', async () => {
    app = await startHttpApp();
    for (let at = 0; at < 20; at++) await app.store.create(idOf(`d${at}`), 5);
    const release = holdViews();
    const two = [exportRequest(), exportRequest()];
    await until(() => app.copies.views === 2, 'two exports');
    for (const outgoing of two) outgoing.destroy();
    // Once they are gone there is room for another one.
    const third = untilTaken();
    await until(() => app.copies.views === 3, 'the third export');
    release();
    expect(readArchive((await third).body).manifest.documents).toHaveLength(20);
    expect(app.copies.views).toBeLessThanOrEqual(22 * VIEWS_OF_ONE);
  });

  /** Whoever looks into a document waits until what this gives is called. */
  function holdViews(): () => void {
    let release = (): void => {};
    app.copies.gate = new Promise((resolve) => {
      release = () => resolve();
    });
    return release;
  }

  function exportRequest(): ClientRequest {
    const outgoing = request({ host: '127.0.0.1', port: app.port, path: EXPORT, agent: false });
    outgoing.on('error', () => {});
    outgoing.end();
    return outgoing;
  }

  async function untilTaken(): Promise<HttpAnswer> {
    for (;;) {
      const answer = await app.ask(EXPORT);
      if (answer.status !== 429) return answer;
    }
  }
});

/** The state, and what people read. */
const VIEWS_OF_ONE = 3;

function archiveAgain(files: Readonly<Record<string, Uint8Array>>): Buffer {
  return archiveOf({}, { manifest: false, files: { ...files } });
}

describe('an archive that is brought', () => {
  test('[ARCH5] makes its documents again, in whichever workspace, with the same content', async () => {
    app = await startHttpApp();
    for (const name of ['a', 'b']) await write(name, `${name}: ${'word '.repeat(5_000)}`);
    const before = await app.ask(EXPORT);
    expect(results(await bring(before.body, { path: '/api/workspaces/copy/import' }))).toEqual([
      'a: created',
      'b: created',
    ]);
    const after = await app.ask('/api/workspaces/copy/export');
    const states = [before, after].map(({ body }) =>
      readArchive(body).manifest.documents.map(({ sha256 }) => sha256),
    );
    expect(states[1]).toEqual(states[0]);
    expect(await textOf('copy/a')).toContain('a: word word');
    // A history of its own: who wrote it is who brought it.
    const rows = await app.store.readLog(parseDocumentId('copy/a'), 0, 100);
    expect(rows.length).toBeGreaterThan(1);
    expect(new Set(rows.map(({ author }) => author)).size).toBe(1);
  });

  test('[ARCH5] leaves alone what is there, or with `existing=fail` creates nothing then', async () => {
    app = await startHttpApp();
    await write('a', 'mine');
    await app.store.create(idOf('gone'), 5);
    await app.store.remove(idOf('gone'), 6);
    const archive = archiveOf({ a: stateOf('theirs'), gone: stateOf('gone'), new: stateOf('new') });
    const refused = await bring(archive, { query: '?existing=fail' });
    expect([refused.status, codeOf(refused)]).toEqual([409, 'document-exists']);
    expect(refused.text).toContain('a, gone; nothing was imported');
    expect(await app.documents.exists(idOf('new'))).toBe(false);
    expect(results(await bring(archive))).toEqual(['a: skipped', 'gone: skipped', 'new: created']);
    expect(await textOf('acme/a')).toBe('mine');
    expect(await textOf('acme/new')).toBe('new');
    expect(results(await bring(archive, { query: '?existing=skip' }))).toEqual([
      'a: skipped',
      'gone: skipped',
      'new: skipped',
    ]);
  });

  test('[ARCH5] fills what an attempt that was cut off has left empty', async () => {
    app = await startHttpApp();
    await app.store.create(idOf('a'), 5);
    const person = new Person();
    await person.join(app.documents, {}, idOf('a'));
    expect(results(await bring(archiveOf({ a: stateOf('whole') }), { query: '?existing=fail' }))).toEqual([
      'a: created',
    ]);
    // Whoever has it open sees it.
    person.catchUp();
    expect(person.text).toBe('whole');
  });

  test('[ARCH5] needs no manifest, and has what else is in it left alone', async () => {
    app = await startHttpApp();
    const files = {
      'documents/a.md': Buffer.from('read me'),
      'other/b.yjs': Buffer.from('x'),
      '__MACOSX/._a': Buffer.from('x'),
    };
    expect(results(await bring(archiveOf({ a: stateOf('a') }, { manifest: false, files })))).toEqual([
      'a: created',
    ]);
    expect(results(await bring(archiveOf({})))).toEqual([]);
  });

  test('[ARCH6] tells of each document why it was not created, and creates the others', async () => {
    app = await startHttpApp();
    const manifest = {
      format: 'coscribe-archive',
      version: 1,
      documents: [
        { name: 'good', sha256: sha256(stateOf('x')) },
        { name: 'absent', sha256: 'x' },
        { name: 'unread', error: 'document-unreadable' },
      ],
    };
    const gap = new Y.Doc();
    gap.getText('text').insert(0, 'a');
    const first = Y.encodeStateVector(gap);
    gap.getText('text').insert(1, 'b');
    const states = {
      good: stateOf('other than named'),
      noise: Buffer.from('no update'),
      gap: Y.encodeStateAsUpdate(gap, first),
      '../../etc/passwd': stateOf('x'),
      'a/b': stateOf('x'),
      '.hidden': stateOf('x'),
      large: stateOf(noise(100_001)),
      fine: stateOf('fine'),
    };
    const files = { 'manifest.json': Buffer.from(JSON.stringify(manifest)) };
    expect(results(await bring(archiveOf(states, { manifest: false, files })))).toEqual([
      'good: failed bad-request',
      'noise: failed invalid-update',
      'gap: failed missing-dependencies',
      '../../etc/passwd: failed invalid-document-id',
      'a/b: failed invalid-document-id',
      '.hidden: failed invalid-document-id',
      'large: failed document-too-large',
      'fine: created',
      'absent: failed bad-request',
    ]);
    for (const name of ['good', 'noise', 'gap', 'large'])
      expect(await app.store.find(idOf(name))).toBeUndefined();
  });

  test('[ARCH6] is refused with a sentence if it is none, is damaged, or unpacks to too much', async () => {
    app = await startHttpApp();
    const archive = archiveOf({ a: stateOf('a') });
    const bomb = Buffer.from(archive);
    bomb.writeUInt32LE(64 * 1024 * 1024, bomb.lastIndexOf('PK\x01\x02') + 24);
    const twice = Buffer.from(
      archiveOf({ a: stateOf('a'), b: stateOf('b') })
        .toString('latin1')
        .replaceAll('documents/b', 'documents/a'),
      'latin1',
    );
    const bodies = {
      nothing: Buffer.alloc(0),
      'no archive': Buffer.from('hello'),
      'cut off': archive.subarray(0, -10),
      'not one of ours': archiveOf({}, { manifest: false, files: { 'readme.txt': Buffer.from('x') } }),
      bomb,
      twice,
      'a manifest that is none': archiveOf(
        {},
        { manifest: false, files: { 'manifest.json': Buffer.from('{') } },
      ),
      'a newer manifest': archiveOf(
        {},
        {
          manifest: false,
          files: { 'manifest.json': Buffer.from('{"format":"coscribe-archive","version":2}') },
        },
      ),
    };
    for (const [what, body] of Object.entries(bodies)) {
      const answer = await bring(body);
      expect([what, answer.status, codeOf(answer)]).toEqual([what, 400, 'bad-request']);
    }
    expect(codeOf(await bring(archive, { query: '?existing=maybe' }))).toBe('bad-request');
    expect(codeOf(await bring(archive, { query: '?other=1' }))).toBe('bad-request');
    const nowhere = await bring(archive, { path: '/api/workspaces/..%2fx/import' });
    expect(codeOf(nowhere)).toBe('invalid-document-id');
    expect(JSON.parse(nowhere.text).detail).toContain('("../x" is no workspace)');
    expect(codeOf(await bring(archive, { headers: { 'Content-Type': 'text/plain' } }))).toBe(
      'unsupported-media-type',
    );
    expect(await app.store.list({ limit: 10 })).toEqual([]);
  });

  test('[ARCH6] is refused if it has little but names of no document', async () => {
    app = await startHttpApp();
    const named = (count: number, one: (at: number) => string): string[] =>
      Array.from({ length: count }, (_, at) => one(at));
    const documents = named(200_000, (at) => at.toString(36)).map((name) => ({ name, sha256: '' }));
    const manifest = (some: object[]): Buffer =>
      Buffer.from(JSON.stringify({ format: 'coscribe-archive', version: 1, documents: some }));
    const empty = new Uint8Array();
    const files = Object.fromEntries(
      named(1_001, (at) => `documents/no name ${at}.yjs`).map((name) => [name, empty]),
    );
    for (const [archive, sentence] of [
      [archiveOf({}, { manifest: false, files: { 'manifest.json': manifest(documents) } }), 'size'],
      [
        archiveOf({}, { manifest: false, files: { 'manifest.json': manifest(documents.slice(0, 1_001)) } }),
        '1000',
      ],
      [archiveOf({ a: stateOf('a') }, { files }), '1000'],
    ] as const) {
      const answer = await bring(archive);
      expect([codeOf(answer), answer.text.length < 1_000]).toEqual(['bad-request', true]);
      expect(answer.text).toContain(sentence);
    }
    expect(await app.store.find(idOf('a'))).toBeUndefined();
  });

  test('[ARCH6] is taken up to a bound, and leaves nothing on the disk', async () => {
    app = await startHttpApp({ limits: { maxArchiveBytes: 2_000 } });
    // What other processes have there is not ours.
    const name = `coscribe-archive-${process.pid}-`;
    const ours = () => readdirSync(tmpdir()).filter((one) => one.startsWith(name));
    const before = new Set(ours());
    expect(codeOf(await bring(Buffer.alloc(2_001)))).toBe('body-too-large');
    const chunked = { 'Transfer-Encoding': 'chunked' };
    expect(codeOf(await bring(Buffer.alloc(2_001), { headers: chunked }))).toBe('body-too-large');
    expect(results(await bring(archiveOf({ a: stateOf('a') })))).toEqual(['a: created']);
    expect(ours().filter((one) => !before.has(one))).toEqual([]);
  });

  test('[ARCH7] creates what its sender may create, in his name', async () => {
    app = await startHttpApp({ mode: 'tokens' });
    app.house.let('ed', 'editor', idOf('a'));
    app.house.let('ed', 'viewer', idOf('b'));
    const archive = archiveOf({ a: stateOf('a'), b: stateOf('b'), c: stateOf('c') });
    expect(results(await bring(archive, { token: 'ed' }))).toEqual([
      'a: created',
      'b: failed not-allowed',
      'c: failed no-access',
    ]);
    expect((await app.store.readLog(idOf('a'), 0, 9)).map(({ author }) => author)).toEqual(['user:ed']);
    expect(codeOf(await bring(archive))).toBe('unauthenticated');
    // What he may not see he does not learn of either.
    await write('c', 'c');
    app.house.let('ed', 'none', idOf('c'));
    expect(results(await bring(archive, { token: 'ed', query: '?existing=skip' }))).toEqual([
      'a: skipped',
      'b: failed not-allowed',
      'c: failed no-access',
    ]);
  });

  test('[ARCH7] in mode links gives a link to each document, and is not kept', async () => {
    app = await startHttpApp({ mode: 'links' });
    const archive = archiveOf({ a: stateOf('mine') });
    expect(codeOf(await bring(archive, { headers: { 'Idempotency-Key': 'k' } }))).toBe('bad-request');
    const { text } = await bring(archive);
    const [made] = (JSON.parse(text) as { documents: Result[] }).documents;
    expect(made).toMatchObject({ name: 'a', result: 'created', link: { role: 'owner' } });
    const read = await app.ask('/api/documents/acme/a/text', { token: made?.link?.token });
    expect(read.text).toBe('mine');
    expect(results(await bring(archive))).toEqual(['a: skipped']);
  });

  test('[ARCH7] with an Idempotency-Key is brought once', async () => {
    app = await startHttpApp();
    const archive = archiveOf({ a: stateOf('a') });
    const headers = { 'Idempotency-Key': 'once' };
    const first = await bring(archive, { headers });
    const again = await bring(archive, { headers });
    expect(again.text).toBe(first.text);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(codeOf(await bring(archiveOf({ b: stateOf('b') }), { headers }))).toBe('idempotency-key-reused');
  });

  test('[ARCH7] while the store is away, nothing is half there, and bringing it again ends it', async () => {
    app = await startHttpApp();
    const archive = archiveOf({ a: stateOf('a'), b: stateOf('b') });
    app.store.appendError = new CoscribeError('store-unavailable');
    expect(results(await bring(archive))).toEqual([
      'a: failed store-unavailable',
      'b: failed store-unavailable',
    ]);
    app.store.appendError = undefined;
    expect((await app.store.list({ limit: 10 })).filter(({ head }) => head > 0)).toEqual([]);
    expect(results(await bring(archive))).toEqual(['a: created', 'b: created']);
    expect(await textOf('acme/b')).toBe('b');
  });

  test('[ARCH8] ends between two documents when its sender has left, and goes on with an Idempotency-Key', async () => {
    app = await startHttpApp();
    const names = Array.from({ length: 400 }, (_, at) => `d${at}`);
    const archive = archiveOf(Object.fromEntries(names.map((name) => [name, stateOf(name)])));
    const created = () => app.log.entries.filter(({ fields }) => fields.audit === 'document-created').length;
    const leaveDuring = async (headers: Record<string, string>): Promise<void> => {
      const before = created();
      app.store.hold();
      const type = { 'Content-Type': 'application/zip' };
      const sent = { method: 'POST', path: IMPORT, agent: false, headers: { ...type, ...headers } };
      const outgoing = request({ host: '127.0.0.1', port: app.port, ...sent });
      outgoing.on('error', () => {});
      outgoing.end(archive);
      await until(() => created() > before, 'the first document');
      outgoing.destroy();
      app.store.release();
    };
    await leaveDuring({});
    const ended = () => app.log.entries.find(({ message }) => message.startsWith('An import ended early'));
    await until(() => ended() !== undefined, 'the end of the import');
    const done = created();
    expect(done).toBeLessThan(names.length);
    const left = { workspace: 'acme', created: done, skipped: 0, failed: 0, left: names.length - done };
    expect(ended()?.fields).toEqual(left);
    const written = async () =>
      (await app.store.list({ limit: 500 })).filter(({ head }) => head === 1).length;
    expect(await written()).toBe(done);

    await leaveDuring({ 'Idempotency-Key': 'archive' });
    const again = await bring(archive, { headers: { 'Idempotency-Key': 'archive' } });
    const counts = results(again).map((line) => line.split(': ')[1]);
    expect([counts.filter((one) => one === 'created').length, await written()]).toEqual([
      names.length - done,
      names.length,
    ]);
  });
});
