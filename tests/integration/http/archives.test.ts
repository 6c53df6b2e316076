import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AccessServer, startAccessServer } from '../../support/access-server.js';
import { archiveOf, readArchive, stateOf } from '../../support/archives.js';
import { temporaryFolder } from '../../support/folder.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

describe('a server with its documents in a file', () => {
  const store = `sqlite:${folder.file('archives.db')}`;
  let server: AccessServer;
  beforeAll(async () => {
    server = await startAccessServer({ auth: ['--auth', 'open'], args: ['--store', store] });
  });
  afterAll(() => server.stop());

  async function exported(workspace: string): Promise<Buffer> {
    const answer = await fetch(`${server.url}/api/workspaces/${workspace}/export`);
    expect(answer.status).toBe(200);
    return Buffer.from(await answer.arrayBuffer());
  }

  function imported(workspace: string, body: Buffer): Promise<Response> {
    const headers = { 'Content-Type': 'application/zip' };
    return fetch(`${server.url}/api/workspaces/${workspace}/import`, {
      method: 'POST',
      body: new Uint8Array(body),
      headers,
    });
  }

  test('[ARCH5] what is brought, taken along and brought elsewhere is the same', async () => {
    const states = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [
        `d${at}`,
        stateOf(`number ${at} ${'and so on '.repeat(at * 100)}`),
      ]),
    );
    expect((await imported('one', archiveOf(states))).status).toBe(200);
    const first = await exported('one');
    expect((await imported('two', first)).status).toBe(200);
    const [one, two] = [readArchive(first), readArchive(await exported('two'))];
    expect(one.manifest.documents).toHaveLength(40);
    const hashes = ({ manifest }: typeof one) => manifest.documents.map(({ name, sha256 }) => [name, sha256]);
    expect(hashes(two)).toEqual(hashes(one));
    expect(two.text('documents/d7.md')).toBe(`number 7 ${'and so on '.repeat(700)}`);
  });
});
