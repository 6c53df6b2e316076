import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { PARAMETERS } from '../../../server/http/openapi/parameters.js';
import { ContractWorld, TOKENS } from '../../support/contract-world.js';
import { temporaryFolder } from '../../support/folder.js';

const run = promisify(execFile);

/** What curl says when its time is over (`man curl`, EXIT CODES): what is followed does not end. */
const TIMED_OUT = 28;

/** What curl says to a status from 400 on. Here is one node only, whose clients could go nowhere. */
const REFUSED = 22;

const FOLLOWING = ['followDocument', 'followOverview'];

/** As `PARAMETERS` names one. */
const EXAMPLE_LINK = String(PARAMETERS.link.example);
/** As admin-paths.ts names them. */
const EXAMPLE_NODE = 'CFuiu5-AfB31';
const EXAMPLE_SESSION = `${EXAMPLE_NODE}.17`;

let world: ContractWorld;
const folder = temporaryFolder();
beforeAll(async () => {
  world = await ContractWorld.start();
  const doc = new Y.Doc();
  doc.getText('text').insert(0, 'Hello');
  writeFileSync(folder.file('update.bin'), Y.encodeStateAsUpdate(doc));
  await world.document();
  writeFileSync(
    folder.file('workspace.zip'),
    (await world.ask('exportWorkspace', { workspace: 'acme' })).body,
  );
});
afterAll(async () => {
  await world.stop();
  folder.remove();
});

/** @returns the exit code of a command that may take so many seconds */
async function inShell(command: string, seconds: number): Promise<number> {
  const env = { ...process.env, COSCRIBE: world.url, TOKEN: TOKENS.operator };
  try {
    await run('sh', ['-c', `${command} -sS --fail --max-time ${seconds}`], { env, cwd: folder.path });
    return 0;
  } catch (error) {
    return (error as { readonly code: number }).code;
  }
}

async function newLink(document: string): Promise<string> {
  const { body } = await world.ask('makeLink', { document, body: { role: 'viewer' } });
  return (JSON.parse(body.toString()) as { readonly id: string }).id;
}

test('[OAS3] the examples for curl do what they say', async () => {
  const results: [string, number][] = [];
  const overview = await world.ask('readOverview', { token: TOKENS.operator });
  const { node } = JSON.parse(overview.body.toString()) as { readonly node: string };
  for (const [id, { operation }] of world.places) {
    const document = id === 'createDocument' ? world.newName() : await world.document();
    const link = id === 'revokeLink' ? await newLink(document) : 'none';
    const command = operation['x-codeSamples'][0]?.source
      .replaceAll('acme/plan', document)
      .replace(EXAMPLE_LINK, link)
      .replace(EXAMPLE_SESSION, id === 'endSession' ? await world.follow(document) : 'none')
      .replace(EXAMPLE_NODE, node);
    results.push([id, await inShell(command ?? '', FOLLOWING.includes(id) ? 0.5 : 10)]);
  }
  expect(results.filter(([, code]) => code !== 0)).toEqual([
    ['followDocument', TIMED_OUT],
    ['followOverview', TIMED_OUT],
    ['drainNode', REFUSED],
  ]);
});
