import { describe, expect, test } from '@jest/globals';
import { ApiError } from '../../../client/app/api.js';
import type { DocumentFacts } from '../../../client/app/document-api.js';
import { documentFacts, mergeDocuments } from '../../../client/app/document-list.js';
import { keep } from '../../../client/app/kept-access.js';
import { KeptDocuments } from '../../../client/app/kept-documents.js';
import { CoscribeError, type ErrorCode } from '../../../shared/errors.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { memoryStorage } from '../../support/page-storage.js';

const ONE = parseDocumentId('team/one');
const TWO = parseDocumentId('team/two');
const AT = '2026-01-01T00:00:00.000Z';

function world(answers: Readonly<Record<string, DocumentFacts | ErrorCode>>) {
  const storage = memoryStorage();
  keep(storage, ONE, { token: 'a', role: 'editor', openedAt: 1 });
  keep(storage, TWO, { token: 'b', role: 'owner', openedAt: 2 });
  const state = { now: 0, asked: [] as string[] };
  const kept = new KeptDocuments({
    storage,
    async facts(id) {
      state.asked.push(id);
      const answer = answers[id] ?? 'internal';
      if (typeof answer === 'string') throw new ApiError(new CoscribeError(answer).toWire());
      return answer;
    },
    now: () => state.now,
  });
  return { storage, kept, state };
}

describe('the documents that a browser gets into', () => {
  test('[PAGE27] are there at once, and with what the server says once it has said it', async () => {
    const { kept, state } = world({ [ONE]: { role: 'viewer', updatedAt: AT }, [TWO]: 'document-deleted' });
    expect(kept.list()).toEqual([
      { id: TWO, role: 'owner', updatedAt: undefined, gone: undefined },
      { id: ONE, role: 'editor', updatedAt: undefined, gone: undefined },
    ]);
    let told = 0;
    await kept.refresh(() => told++);
    expect(told).toBe(2);
    expect(kept.list()).toEqual([
      { id: TWO, role: 'owner', updatedAt: undefined, gone: 'deleted' },
      { id: ONE, role: 'viewer', updatedAt: AT, gone: undefined },
    ]);
    await kept.refresh(() => told++);
    expect(state.asked).toEqual([TWO, ONE]);
    state.now = 30_000;
    await kept.refresh(() => told++);
    expect(state.asked).toEqual([TWO, ONE, TWO, ONE]);
  });

  test('[PAGE27] are asked about one after the other, and not further while the server is away', async () => {
    const { kept, state } = world({ [ONE]: { role: 'viewer', updatedAt: AT } });
    await Promise.all([kept.refresh(() => {}), kept.refresh(() => {})]);
    expect(state.asked).toEqual([TWO]);
    expect(kept.list().map(({ gone }) => gone)).toEqual([undefined, undefined]);
  });

  test('[PAGE27] with another token it is another question', async () => {
    const { kept, state, storage } = world({ [TWO]: 'no-access', [ONE]: 'no-access' });
    await kept.refresh(() => {});
    expect(kept.list().map(({ gone }) => gone)).toEqual(['closed', 'closed']);
    keep(storage, TWO, { token: 'c', role: 'viewer', openedAt: 3 });
    expect(kept.list()[0]).toMatchObject({ id: TWO, role: 'viewer', gone: undefined });
    await kept.refresh(() => {});
    expect(state.asked).toEqual([TWO, ONE, TWO]);
  });
});

test('[PAGE27] [PAGE28] the server’s list comes first, then what only a kept token opens', () => {
  const listed = [{ id: ONE, updatedAt: AT }];
  const kept = [
    { id: ONE, role: 'owner', updatedAt: AT, gone: undefined },
    { id: TWO, role: 'viewer', updatedAt: undefined, gone: undefined },
  ] as const;
  expect(mergeDocuments(listed, kept, [], false)).toEqual([
    { id: ONE, updatedAt: AT },
    { id: TWO, updatedAt: undefined, kept: 'viewer', gone: undefined },
  ]);
});

test('[PAGE38] what only this device has is listed while the server is away, and else for what is not saved', () => {
  const here = [
    { id: ONE, scope: '', unsavedChanges: 0 },
    { id: TWO, scope: '', unsavedChanges: 2 },
    { id: TWO, scope: 'user ann', unsavedChanges: 1 },
  ];
  expect(mergeDocuments([{ id: TWO, updatedAt: AT }], [], here, false)).toEqual([
    { id: TWO, updatedAt: AT, unsavedChanges: 3 },
  ]);
  expect(mergeDocuments([], [], here, true).map(({ id }) => id)).toEqual([ONE, TWO]);
});

test.each([
  [{ updatedAt: AT }, 'edited 1 minute ago'],
  [{ updatedAt: AT, unsavedChanges: 2 }, '2 unsaved changes on this device · edited 1 minute ago'],
  [{ unsavedChanges: 1 }, '1 unsaved change on this device'],
  [{ kept: 'owner', gone: 'deleted', unsavedChanges: 1 }, 'deleted · 1 unsaved change on this device'],
  [{ updatedAt: AT, kept: 'owner' }, 'yours · edited 1 minute ago'],
  [{ kept: 'viewer' }, 'can read'],
  [{ kept: 'owner', gone: 'deleted' }, 'deleted'],
  [{ kept: 'editor', gone: 'closed', updatedAt: AT }, 'opens no longer'],
] as const)('[PAGE27] of %j the list says "%s"', (entry, text) => {
  expect(documentFacts({ id: ONE, ...entry }, Date.parse(AT) + 60_000)).toBe(text);
});
