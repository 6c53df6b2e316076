import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Interrupted } from '../../cli/interrupted.js';
import { openStore } from '../../server/storage/open-store.js';
import { parseDocumentId } from '../../shared/ids.js';
import { freePort } from '../../tools/services/ports.js';
import { archiveOf, readArchive } from '../support/archives.js';
import { CLI_MAIN, runInProcess, runProcess } from '../support/command-run.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { JWT_FLAGS, tokenOf } from '../support/jwt.js';
import { TestServer } from '../support/server-process.js';

const TEXTS = { plan: '# Plan\n\nEmoji: 👩‍🚀.', notes: 'first\nsecond', 'a.b-c_d': 'x'.repeat(300) };

let folder: TemporaryFolder;
let server: TestServer;

beforeAll(async () => {
  folder = temporaryFolder();
  server = new TestServer();
  await server.start();
  for (const [name, text] of Object.entries(TEXTS)) await make(`acme/${name}`, text);
});
afterAll(async () => {
  await server.remove();
  folder.remove();
});

async function make(id: string, text: string): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify({ id, text });
  const { status } = await fetch(`${server.url}/api/documents`, { method: 'POST', headers, body });
  expect(status).toBe(201);
}

async function textsIn(workspace: string): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const name of Object.keys(TEXTS)) {
    const answer = await fetch(`${server.url}/api/documents/${workspace}/${name}/text`, {
      headers: { Accept: 'text/plain' },
    });
    if (answer.status === 200) texts[name] = await answer.text();
  }
  return texts;
}

const coscribe = (...args: string[]) => runInProcess(args);
const done = (stdout: string) => ({ code: 0, stdout, stderr: '' });

describe('a workspace', () => {
  test('[CLI20] [CLI21] [CLI22] goes from a server into a file, and from there into another workspace, whole', async () => {
    const file = folder.file('acme.zip');
    const { code, stdout, stderr } = await coscribe('export', '--url', server.url, 'acme', file);
    expect([code, stderr, stdout]).toEqual([0, '', `${file}: 3 documents, ${statSync(file).size} bytes\n`]);
    expect(readArchive(readFileSync(file)).manifest.documents.map(({ name }) => name)).toEqual(
      Object.keys(TEXTS).sort(),
    );

    const brought = await coscribe('import', '--url', `${server.url}/`, 'copy', file);
    expect(brought).toEqual(done('copy: 3 created, 0 skipped, 0 failed\n'));
    expect(await textsIn('copy')).toEqual(TEXTS);
    const again = await coscribe('import', '--url', server.url, '--json', 'copy', file);
    const { documents } = JSON.parse(again.stdout) as { documents: { name: string; result: string }[] };
    expect(documents.map(({ name, result }) => [name, result])).toEqual(
      Object.keys(TEXTS)
        .sort()
        .map((name) => [name, 'skipped']),
    );
  });

  test('[CLI20] [CLI22] goes from a store that nobody serves into another one, and a server has it there', async () => {
    const own = new TestServer();
    const address = `sqlite:${own.storeFile}`;
    try {
      await own.start();
      const file = folder.file('first.zip');
      await coscribe('export', '--url', server.url, 'acme', file);
      const busy = await coscribe('import', '--store', address, 'acme', file);
      expect([busy.code, busy.stdout]).toEqual([2, '']);
      expect(busy.stderr).toContain('is in use by another process');
      await own.stop();
      const imported = await coscribe('import', '--store', address, 'acme', file);
      expect(imported).toEqual(done('acme: 3 created, 0 skipped, 0 failed\n'));
      const second = folder.file('second.zip');
      expect((await coscribe('export', '--store', address, 'acme', second)).code).toBe(0);
      const [a, b] = [file, second].map((one) => readArchive(readFileSync(one)).files);
      const names = Object.keys(TEXTS).map((name) => `documents/${name}.md`);
      expect(names.map((name) => b?.[name])).toEqual(names.map((name) => a?.[name]));
      await own.start();
      const answer = await fetch(`${own.url}/api/documents/acme/plan/text`, {
        headers: { Accept: 'text/plain' },
      });
      expect(await answer.text()).toBe(TEXTS.plan);
    } finally {
      await own.remove();
    }
  });

  test('[CLI20] nothing is erased by looking into a store, whatever was deleted long ago', async () => {
    const address = `sqlite:${folder.file('old.db')}`;
    const id = parseDocumentId('acme/deleted');
    const before = await openStore(address);
    const longAgo = Date.now() - 9 * 365 * 86_400_000;
    await before.create(id, longAgo);
    await before.remove(id, longAgo);
    await before.create(parseDocumentId('acme/there'), longAgo);
    await before.close();
    expect((await coscribe('export', '--store', address, 'acme', folder.file('old.zip'))).code).toBe(0);
    const after = await openStore(address);
    expect(await after.find(id)).toMatchObject({ deletedAt: longAgo });
    await after.close();
  });

  test('[CLI21] with --links each document comes with a link for its owner, once', async () => {
    const file = folder.file('links.zip');
    await coscribe('export', '--url', server.url, 'acme', file);
    const address = `sqlite:${folder.file('links.db')}`;
    const { code, stdout } = await coscribe('import', '--store', address, '--links', 'acme', file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^acme\/plan {2}\/d\/acme\/plan#link_\S+$/m);
    expect(stdout.trimEnd().split('\n')).toHaveLength(4);
    const again = await coscribe('import', '--store', address, '--links', 'acme', file);
    expect(again).toEqual(done('acme: 0 created, 3 skipped, 0 failed\n'));
  });

  test('[CLI20] [CLI21] goes through a pipe', async () => {
    const script = `"$0" "$1" export --url "$2" acme - | "$0" "$1" import --url "$2" piped -`;
    const run = await runProcess('sh', ['-c', script, process.execPath, CLI_MAIN, server.url]);
    expect(run).toEqual(done('piped: 3 created, 0 skipped, 0 failed\n'));
    expect(await textsIn('piped')).toEqual(TEXTS);
  });

  test('[CLI20] a file that is there is left alone, unless it may be replaced', async () => {
    const file = folder.file('there.zip');
    writeFileSync(file, 'mine');
    const refused = await coscribe('export', '--url', server.url, 'acme', file);
    expect(refused).toEqual({
      code: 2,
      stdout: '',
      stderr: `${file} is there already; add --force to replace it.\n`,
    });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect((await coscribe('export', '--url', server.url, '--force', 'acme', file)).code).toBe(0);
    expect(readArchive(readFileSync(file)).manifest.workspace).toBe('acme');
    const nowhere = await coscribe('export', '--url', server.url, 'acme', '/no/such/folder/x.zip');
    expect(nowhere).toMatchObject({ code: 2, stderr: '/no/such/folder/x.zip cannot be written (ENOENT).\n' });
  });

  test('[CLI24] a workspace without documents is told with exit code 1, and nothing is written', async () => {
    const file = folder.file('acmee.zip');
    writeFileSync(folder.file('old.zip'), 'of yesterday');
    const names = folder.names();
    const address = `sqlite:${folder.file('none-of-it.db')}`;
    const store = await openStore(address);
    await store.create(parseDocumentId('other/notes'), 1);
    await store.close();
    const there = folder.names();
    for (const [place, sentence] of [
      [
        ['--url', server.url],
        'The workspace acmee has no documents that you may read; nothing was written.\n',
      ],
      [['--store', address], 'The workspace acmee has no documents; nothing was written.\n'],
    ] as const) {
      const told = { code: 1, stdout: '', stderr: sentence };
      expect(await coscribe('export', ...place, 'acmee', file)).toEqual(told);
      expect(await coscribe('export', ...place, 'acmee', '-')).toEqual(told);
      expect(await coscribe('export', ...place, '--force', 'acmee', folder.file('old.zip'))).toEqual(told);
    }
    expect(readFileSync(folder.file('old.zip'), 'utf8')).toBe('of yesterday');
    expect([names.includes('acmee.zip'), folder.names()]).toEqual([false, there]);
  });

  test('[CLI21] a document that cannot be made is told, and the others are made', async () => {
    const file = folder.file('mixed.zip');
    const { files } = readArchive(await archiveBytes());
    const good = files['documents/plan.yjs'] ?? new Uint8Array();
    writeFileSync(file, archiveOf({ good, bad: good.slice(0, 5) }));
    const { code, stdout, stderr } = await coscribe('import', '--url', server.url, 'mixed', file);
    expect([code, stdout]).toEqual([1, 'mixed: 1 created, 0 skipped, 1 failed\n']);
    expect(stderr).toMatch(/^mixed\/bad could not be made: .+\n$/);
    const fails = await coscribe('import', '--url', server.url, '--existing', 'fail', 'mixed', file);
    expect(fails.code).toBe(2);
    expect(fails.stderr).toContain('nothing was imported');
  });
});

async function archiveBytes(): Promise<Buffer> {
  return Buffer.from(await (await fetch(`${server.url}/api/workspaces/acme/export`)).arrayBuffer());
}

describe('a server that does not give it', () => {
  const servers: Server[] = [];
  afterAll(() => {
    for (const one of servers) one.closeAllConnections();
    for (const one of servers) one.close();
  });

  async function serve(answer: RequestListener): Promise<string> {
    const one = createServer(answer);
    servers.push(one);
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(one.address() as AddressInfo).port}`;
  }

  test('[CLI23] is told in a sentence, with exit code 2, and leaves nothing behind', async () => {
    const web = await serve((_, response) => response.end('hello'));
    const cut = await serve((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/zip' });
      response.write('PK', () => response.destroy());
    });
    const gone = `http://127.0.0.1:${await freePort()}`;
    const file = folder.file('never.zip');
    const names = folder.names();
    const cases: readonly (readonly [url: string, sentence: string])[] = [
      [gone, `No server answers at ${gone} (ECONNREFUSED); is the address right, and does it run?`],
      [web, 'What answers at this address is no Coscribe server'],
      [cut, 'The archive broke off'],
    ];
    for (const [url, sentence] of cases) {
      const { code, stdout, stderr } = await coscribe('export', '--url', url, 'acme', file);
      expect([url, code, stdout, stderr]).toEqual([url, 2, '', expect.stringContaining(sentence)]);
      expect(stderr).toMatch(/^[^\n]+\n$/);
    }
    expect(existsSync(file)).toBe(false);
    expect(folder.names()).toEqual(names);
  });

  test('[CLI23] a token says who asks: one that is not taken, one that may, from the option or COSCRIBE_TOKEN', async () => {
    const guarded = new TestServer({ args: JWT_FLAGS });
    try {
      await guarded.start();
      const file = folder.file('guarded.zip');
      writeFileSync(file, await archiveBytes());
      const words = ['import', '--url', guarded.url, 'acme', file];
      const nobody = await coscribe(...words);
      expect([nobody.code, nobody.stderr]).toEqual([
        2,
        expect.stringMatching(/^The server refuses: A valid token is needed here/),
      ]);
      const ann = await coscribe(...words, '--token', tokenOf('ann', 'editor'));
      expect(ann).toEqual(done('acme: 3 created, 0 skipped, 0 failed\n'));
      const env = { COSCRIBE_TOKEN: tokenOf('bob', 'viewer') };
      const bob = await runInProcess(['export', '--url', guarded.url, 'acme', folder.file('bob.zip')], {
        env,
      });
      expect([bob.code, bob.stderr]).toEqual([0, '']);
    } finally {
      await guarded.remove();
    }
  });

  test('[CLI6] [CLI23] an interruption leaves no file', async () => {
    const controller = new AbortController();
    const url = await serve((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/zip' });
      response.write('PK', () => controller.abort(new Interrupted('SIGINT')));
    });
    const names = folder.names();
    const args = ['export', '--url', url, 'acme', folder.file('broken.zip')];
    const run = await runInProcess(args, { signal: controller.signal });
    expect(run).toEqual({ code: 130, stdout: '', stderr: 'Interrupted.\n' });
    expect(folder.names()).toEqual(names);
  });
});
