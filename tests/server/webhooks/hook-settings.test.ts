import { expect, test } from '@jest/globals';
import { ConfigError } from '../../../server/config/config-error.js';
import { LIFE_KINDS } from '../../../server/storage/delivery-store.js';
import type { DocumentStore } from '../../../server/storage/store.js';
import { readHooks, type WebhookOptions } from '../../../server/webhooks/hook-settings.js';
import { Webhooks } from '../../../server/webhooks/webhooks.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { collectLog } from '../../support/collect-log.js';
import { ManualClock } from '../../support/manual-clock.js';
import { SECRET } from '../../support/webhook-receiver.js';

const GOOD: WebhookOptions = { url: 'https://ada:hunter2@example.com/hook?token=hunter2', secret: SECRET };

function problemsOf(...hooks: WebhookOptions[]): string {
  try {
    readHooks(hooks);
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return String(error);
  }
}

test('[WEBHOOK2] a webhook has an address and a secret; the rest is as usual unless it is given', () => {
  const [usual] = readHooks([GOOD]);
  expect(usual).toMatchObject({ gatherMs: 1_000, timeoutMs: 15_000, concurrency: 8 });
  expect(usual?.url.href).toBe(GOOD.url);
  expect(usual?.name).toMatch(/^[0-9a-f]{32}$/);
  const [other, named, renamed] = readHooks([
    { ...GOOD, url: 'http://localhost:1' },
    { ...GOOD, name: 'one', gatherMs: 0 },
    { ...GOOD, name: 'two' },
  ]);
  expect(new Set([usual, other, named, renamed].map((hook) => hook?.name)).size).toBe(4);
  expect(readHooks([{ ...GOOD, name: 'one', url: 'http://moved' }])[0]?.name).toBe(named?.name);
  expect(named?.gatherMs).toBe(0);
  expect(readHooks([])).toEqual([]);
});

test('[WEBHOOK2] documents are chosen by name, by beginning, by workspace', () => {
  const wants = (documents: string | readonly string[], name: string) =>
    readHooks([{ ...GOOD, documents }])[0]?.wants(parseDocumentId(name));
  expect(wants('*', 'acme/notes')).toBe(true);
  expect(wants('acme/*', 'acme/notes')).toBe(true);
  expect(wants('acme/*', 'acme2/notes')).toBe(false);
  expect(wants('acme/team-*', 'acme/team-1')).toBe(true);
  expect(wants('acme/team-*', 'acme/teams')).toBe(false);
  expect(wants(['acme/notes', 'plan'], 'default/plan')).toBe(true);
  expect(wants(['acme/notes', 'plan'], 'acme/notes-2')).toBe(false);
});

test('[WEBHOOK17] it hears of changes unless it names other events, or all of them', () => {
  const read = (events?: WebhookOptions['events']) => {
    const [hook] = readHooks([events === undefined ? GOOD : { ...GOOD, events }]);
    return [hook?.changes, hook?.kinds];
  };
  expect(read()).toEqual([true, []]);
  expect(read('document.deleted')).toEqual([false, ['deleted']]);
  expect(read(['document.moved', 'document.changed', 'document.created'])).toEqual([
    true,
    ['created', 'moved'],
  ]);
  expect(read('*')).toEqual([true, LIFE_KINDS]);
  for (const events of [[], ['document.vanished'], ['*', '']] as unknown as (readonly '*'[])[])
    expect(problemsOf({ ...GOOD, events })).toContain('Webhook 1: `events` must be some of document.changed');
});

test('[WEBHOOK2] everything that is wrong is told at once, without secrets', () => {
  const problems = problemsOf(
    { url: 'ftp://hunter2', secret: 'hunter2', documents: ['a/b/c'] },
    { url: 'https://', secret: [], documents: [], gatherMs: -1, timeoutMs: 0, concurrency: 1.5 },
  );
  for (const part of [
    'Webhook 1: `url` must begin with',
    'Webhook 1: `secret` must be "whsec_"',
    'Webhook 1: `documents` must be',
    'Webhook 2: `url`',
    'Webhook 2: `secret`',
    'Webhook 2: `documents`',
    '`gatherMs` must be a whole number from 0 to 86400000',
    '`timeoutMs` must be a whole number from 1 to 600000',
    '`concurrency` must be a whole number from 1 to 1000',
  ])
    expect(problems).toContain(part);
  expect(problems).not.toContain('hunter2');
  const wrong = problemsOf({ ...GOOD, docs: 'hunter2' } as WebhookOptions, {} as WebhookOptions, 5 as never);
  expect(wrong).toContain('Webhook 1 has no option "docs" of type string; its options are {"url":"string",');
  expect(wrong).toContain('Webhook 2: `url` must');
  expect(wrong).toContain('Webhook 2: `secret` must');
  expect(wrong).toContain('Webhook 3 takes an object with options.');
  expect(wrong).not.toContain('hunter2');
  expect(problemsOf(GOOD, { ...GOOD, documents: 'x/*' })).toContain('Two webhooks have the same `name`');
  expect(problemsOf(GOOD, { ...GOOD, documents: 'x/*', name: 'x' })).toBe('');
});

test('[WEBHOOK2] a store that cannot remember what was told is refused, unless there are no webhooks', () => {
  const store = { shared: false } as DocumentStore;
  const rest = {
    store,
    clock: new ManualClock(),
    random: () => 0,
    log: collectLog(),
    counters: { count() {} },
  };
  expect(() => new Webhooks({ ...rest, hooks: [GOOD] })).toThrow(/need a store that remembers/);
  const none = new Webhooks({ ...rest, hooks: [] });
  none.start();
  none.committed(parseDocumentId('a/b'), { generation: 'g', from: 1, to: 1 });
  expect(none.waiting).toBe(0);
});
