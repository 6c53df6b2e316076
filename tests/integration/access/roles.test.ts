import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OPERATIONS } from '../../../server/documents/permissions.js';
import type { ClientToServerEvents, Role } from '../../../shared/protocol.js';
import type { AccessOperation } from '../../support/access-attempts.js';
import { ACCESS_OPERATIONS, type OperationName } from '../../support/access-operations.js';
import { AccessWorld, type TestDocument, type WorldName } from '../../support/access-world.js';
import { tokenOf } from '../../support/jwt.js';
import { TRANSPORTS, type TransportName } from '../../support/raw-client.js';

type FindToken = (document: TestDocument) => string | undefined | Promise<string | undefined>;

const link =
  (role: Role): FindToken =>
  async (document) =>
    (await document.link(role)).token;

/** Whom the table asks about, in the order of its columns: where, and what he has. */
const PEOPLE = {
  nobody: ['tokens', () => undefined],
  'a stranger': ['tokens', () => tokenOf('eve')],
  'an operator': ['tokens', () => tokenOf('root', undefined, { operator: true })],
  'a viewer': ['tokens', () => tokenOf('vera', 'viewer')],
  'an editor': ['tokens', () => tokenOf('eddy', 'editor')],
  'an owner': ['tokens', () => tokenOf('otto', 'owner')],
  "a viewer's link": ['tokens', link('viewer')],
  "an editor's link": ['tokens', link('editor')],
  "an owner's link": ['tokens', link('owner')],
  'a link to another document': ['tokens', async ({ world }) => link('owner')(await world.document())],
  'nobody (links)': ['links', () => undefined],
  "an owner's link (links)": ['links', ({ token }) => token],
  'anybody (open)': ['open', () => undefined],
} as const satisfies Record<string, readonly [WorldName, FindToken]>;
type Person = keyof typeof PEOPLE;
const PERSONS = Object.keys(PEOPLE) as readonly Person[];

// Short, so that the table stays one.
const ok = 'ok';
const who = 'unauthenticated';
const none = 'no-access';
const read = 'read-only';
const not = 'not-allowed';
const off = 'sharing-off';

// biome-ignore format: as many as there are columns
type Row = readonly [string, string, string, string, string, string, string, string, string, string, string, string, string];

/** What comes of it when each of them tries. The first three have nothing in the document, the last of `tokens` neither. */
// biome-ignore format: a table
const TABLE: Readonly<Record<OperationName, Row>> = {
  //                                      nobody stranger operator viewer editor owner  viewer editor owner  other   links: nobody, owner  open
  connect:                               [who,  none,    none,    ok,    ok,    ok,    ok,    ok,    ok,    none,   none,          ok,    ok],
  'join a document':                     [who,  none,    none,    ok,    ok,    ok,    ok,    ok,    ok,    none,   none,          ok,    ok],
  'join a document that is not there':   [who,  none,    none,    none,  ok,    ok,    none,  none,  none,  none,   none,          none,  ok],
  'send a live update':                  [who,  none,    none,    read,  ok,    ok,    read,  ok,    ok,    none,   none,          ok,    ok],
  'send a catch-up update':              [who,  none,    none,    read,  ok,    ok,    read,  ok,    ok,    none,   none,          ok,    ok],
  'show himself':                        [who,  none,    none,    ok,    ok,    ok,    ok,    ok,    ok,    none,   none,          ok,    ok],
  'say that he sees something else':     [who,  none,    none,    ok,    ok,    ok,    ok,    ok,    ok,    none,   none,          ok,    ok],
  'renew a token':                       [who,  none,    none,    ok,    ok,    ok,    ok,    ok,    ok,    none,   none,          ok,    ok],
  'find it in the list':                 [who,  'not listed', 'not listed', ok, ok, ok, ok,   ok,    ok,    'not listed', 'not listed', ok, ok],
  'create a document':                   [who,  none,    none,    not,   ok,    ok,    none,  none,  none,  none,   ok,            ok,    ok],
  'read its facts':                      [who,  none,    none,    ok,    ok,    ok,    ok,    ok,    ok,    none,   none,          ok,    ok],
  'read its text over HTTP':             [who,  none,    none,    ok,    ok,    ok,    ok,    ok,    ok,    none,   none,          ok,    ok],
  'follow it':                           [who,  none,    none,    ok,    ok,    ok,    ok,    ok,    ok,    none,   none,          ok,    ok],
  'read its state over HTTP':            [who,  none,    none,    ok,    ok,    ok,    ok,    ok,    ok,    none,   none,          ok,    ok],
  'read a text that is not there':       [who,  none,    none,    none,  none,  none,  none,  none,  none,  none,   none,          none,  none],
  'replace its text':                    [who,  none,    none,    read,  ok,    ok,    read,  ok,    ok,    none,   none,          ok,    ok],
  'continue its text':                   [who,  none,    none,    read,  ok,    ok,    read,  ok,    ok,    none,   none,          ok,    ok],
  'patch its text':                      [who,  none,    none,    read,  ok,    ok,    read,  ok,    ok,    none,   none,          ok,    ok],
  'patch its JSON':                      [who,  none,    none,    read,  ok,    ok,    read,  ok,    ok,    none,   none,          ok,    ok],
  'send an update over HTTP':            [who,  none,    none,    read,  ok,    ok,    read,  ok,    ok,    none,   none,          ok,    ok],
  'write a text that is not there':      [who,  none,    none,    none,  ok,    ok,    none,  none,  none,  none,   none,          none,  ok],
  'copy it':                             [who,  none,    none,    not,   ok,    ok,    none,  none,  none,  none,   none,          ok,    ok],
  'move it':                             [who,  none,    none,    not,   not,   ok,    not,   not,   none,  none,   none,          ok,    ok],
  'list its links':                      [who,  none,    none,    not,   not,   ok,    not,   not,   ok,    none,   none,          ok,    off],
  'make a link':                         [who,  none,    none,    not,   not,   ok,    not,   not,   ok,    none,   none,          ok,    off],
  'revoke a link':                       [who,  none,    none,    not,   not,   ok,    not,   not,   ok,    none,   none,          ok,    off],
  'delete it':                           [who,  none,    none,    not,   not,   ok,    not,   not,   ok,    none,   none,          ok,    ok],
  'restore it':                          [who,  none,    none,    not,   not,   ok,    not,   not,   ok,    none,   none,          ok,    ok],
  'open it':                             [who,  none,    none,    ok,    ok,    ok,    ok,    ok,    ok,    none,   none,          ok,    ok],
  'open what is not there':              [who,  none,    none,    none,  ok,    ok,    none,  none,  none,  none,   none,          none,  ok],
  'write in it':                         [who,  none,    none,    read,  ok,    ok,    read,  ok,    ok,    none,   none,          ok,    ok],
  'revoke tokens':                       [who,  not,     ok,      not,   not,   not,   who,   who,   who,   who,    not,           who,   ok],
};

/** The messages of our protocol: the compiler tells when one is missing. */
const MESSAGES: Readonly<Record<keyof ClientToServerEvents, true>> = {
  join: true,
  update: true,
  awareness: true,
  token: true,
  diverged: true,
};

const OPERATION_LIST = Object.entries(ACCESS_OPERATIONS) as [OperationName, AccessOperation][];

const worlds = new Map<WorldName, AccessWorld>();

beforeAll(async () => {
  for (const name of ['tokens', 'links', 'open'] as const) worlds.set(name, await AccessWorld.start(name));
});

afterAll(async () => {
  for (const world of worlds.values()) await world.server.stop();
});

/** Lets somebody try. @returns what comes of it; what is refused must change nothing */
async function attempt(
  operation: AccessOperation,
  person: Person,
  transport: TransportName,
): Promise<string> {
  const [worldName, findToken] = PEOPLE[person];
  const world = worlds.get(worldName);
  if (world === undefined) throw new Error(`there is no server ${worldName}`);
  const document = await world.document();
  const token = await findToken(document);
  await operation.before?.(document);
  const untouched = operation.untouched ?? ((one: TestDocument) => one.state());
  const before = await untouched(document);
  const outcome = await operation.attempt({ world, document, token, transport });
  if (outcome !== 'ok') expect(await untouched(document)).toEqual(before);
  return outcome;
}

describe('who may do what', () => {
  const cases = OPERATION_LIST.flatMap(([name, { protocol }]) =>
    (protocol === 'Socket.IO' ? TRANSPORTS : (['websocket'] as const)).map(
      (transport) => [name, protocol === 'Socket.IO' ? transport : protocol, transport] as const,
    ),
  );

  test.each(cases)('[ACC20] %s, over %s', async (name, _protocol, transport) => {
    const outcomes: Partial<Record<Person, string>> = {};
    for (const person of PERSONS)
      outcomes[person] = await attempt(ACCESS_OPERATIONS[name], person, transport);
    expect(outcomes).toEqual(Object.fromEntries(PERSONS.map((person, at) => [person, TABLE[name][at]])));
  });

  test('[ACC20] the table asks about every operation and every message', () => {
    const asked = OPERATION_LIST.map(([, { needs }]) => needs).filter((needs) => needs !== undefined);
    expect([...new Set(asked)].sort()).toEqual([...OPERATIONS].sort());
    const said = OPERATION_LIST.flatMap(([, { messages = [] }]) => messages);
    expect([...new Set(said)].sort()).toEqual(Object.keys(MESSAGES).sort());
  });
});
