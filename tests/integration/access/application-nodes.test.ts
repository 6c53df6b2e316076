import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { ServerProcess } from '../../../tools/server-process.js';
import { AccessChanges, type ChangingNode, CIRCUMSTANCES, expectOut } from '../../support/access-nodes.js';
import { testPostgres } from '../../support/postgres.js';
import { ROOT } from '../../support/project-files.js';

const DOCUMENT = 'acme/notes';

/** `access-node.mjs`: a node whose application knows its people itself. */
class ApplicationNode implements ChangingNode {
  url = '';
  private process: ServerProcess | undefined;

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  get running(): boolean {
    return this.process?.running === true;
  }

  async start(): Promise<void> {
    const main = join(ROOT, 'tests/support/access-node.mjs');
    this.process = new ServerProcess({ main, args: ['--port', '0'], env: this.env });
    this.url = await this.process.ready();
  }

  async kill(): Promise<void> {
    await this.process?.kill();
  }

  /** The application says that something has changed. */
  async changed(): Promise<void> {
    const [, application] = /"application":"([^"]+)"/.exec(this.process?.stdout ?? '') ?? [];
    const answer = await fetch(`${application}/${DOCUMENT}`, { method: 'POST' });
    expect(await answer.text()).toBe('done');
  }
}

const postgres = testPostgres();
let changes: AccessChanges;
let a: ApplicationNode;
let b: ApplicationNode;

/** The application's database, which all its nodes share. */
function setRoles(roles: Readonly<Record<string, string>>): void {
  writeFileSync(changes.folder.file('roles.json'), JSON.stringify(roles));
}

beforeAll(async () => {
  changes = await AccessChanges.start();
  const env = {
    ROLES: changes.folder.file('roles.json'),
    COSCRIBE_STORE: postgres.server.url,
    COSCRIBE_REDIS_URL: changes.redis.url,
  };
  [a, b] = [new ApplicationNode(env), new ApplicationNode(env)];
  await a.start();
  await b.start();
});

afterEach(() => changes.leave());

afterAll(async () => {
  await Promise.all([a?.kill(), b?.kill()]);
  await changes?.stop();
});

test.each(CIRCUMSTANCES)(
  '[ACC27] while %s, roles change on one node: the sessions on the other change with them, or end',
  async (circumstance) => {
    await changes.settle(a, b);
    setRoles({ ann: 'editor', bob: 'viewer', eve: 'editor' });
    const ann = await changes.enter(b.url, DOCUMENT, 'ann');
    const bob = await changes.enter(b.url, DOCUMENT, 'bob');
    const eve = await changes.enter(b.url, DOCUMENT, 'eve');
    const change = async (): Promise<void> => {
      setRoles({ ann: 'viewer', bob: 'owner', eve: 'none' });
      await a.changed();
    };
    const seen = (): boolean =>
      ann.got('access').length > 0 && bob.got('access').length > 0 && eve.got('bye').length > 0;
    await changes.follow(circumstance, a, change, seen);
    expect([ann.got('access'), bob.got('access')]).toEqual([[['viewer']], [['owner']]]);
    expect(await ann.type('no')).toMatchObject({ ok: false, error: { code: 'read-only' } });
    expect(await bob.type('yes')).toMatchObject({ ok: true });
    await expectOut(eve, 'no-access');
    expect(await changes.entrance(b.url, DOCUMENT, 'eve')).toBe('no-access');
  },
  60_000,
);
