import { describe, expect, test } from '@jest/globals';
import { type SavingFacts, type StatusKind, statusText } from '../../../client/app/status-text.js';

const WELL: SavingFacts = {
  status: 'synced',
  unsavedChanges: 0,
  saving: true,
  role: 'editor',
  everSynced: true,
  isHere: true,
  isKept: false,
};

function shown(facts: Partial<SavingFacts>): string {
  const { headline, detail } = statusText({ ...WELL, ...facts });
  return detail === '' ? headline : `${headline} – ${detail}`;
}

describe('statusText', () => {
  test.each<[string, Partial<SavingFacts>, StatusKind, string]>([
    ['all is on disk', {}, 'saved', 'Saved'],
    ['a change is on its way', { unsavedChanges: 1 }, 'saving', 'Saving…'],
    [
      'the server cannot save a change',
      { saving: false, unsavedChanges: 2 },
      'stuck',
      'Saving – Not saved yet: the server can’t save at the moment; keep this page open',
    ],
    [
      'the server cannot save, and nothing waits',
      { saving: false },
      'stuck',
      'Saving – paused: the server can’t save at the moment; everything so far is saved',
    ],
    ['the role is to read', { role: 'viewer' }, 'read-only', 'Read-only – you can read along, but not write'],
    [
      'the first connection is on its way',
      { status: 'connecting', role: undefined, everSynced: false, isHere: false },
      'connecting',
      'Offline – connecting…',
    ],
    [
      'the server never answered',
      { status: 'offline', role: undefined, everSynced: false, isHere: false },
      'offline',
      'Offline – the server doesn’t answer; trying again…',
    ],
    [
      'the server has not answered yet, and the device has kept the text',
      { status: 'offline', everSynced: false },
      'offline',
      'Offline – no unsaved changes; the text as this device last had it',
    ],
    ['the connection broke', { status: 'offline' }, 'offline', 'Offline – no unsaved changes; reconnecting…'],
    ['it is coming back', { status: 'connecting' }, 'offline', 'Offline – no unsaved changes; reconnecting…'],
    [
      'the connection broke with one change under way',
      { status: 'offline', unsavedChanges: 1 },
      'offline',
      'Offline – 1 unsaved change, kept in this page only; keep it open',
    ],
    [
      'it is coming back, with changes to send',
      { status: 'connecting', unsavedChanges: 3 },
      'offline',
      'Offline – 3 unsaved changes, kept in this page only; keep it open',
    ],
    [
      'the connection broke, and the device keeps one change',
      { status: 'offline', unsavedChanges: 1, isKept: true },
      'offline',
      'Offline – 1 unsaved change, kept on this device',
    ],
    [
      'it was opened without a connection, with changes that the device has kept',
      { status: 'connecting', unsavedChanges: 3, everSynced: false, isKept: true },
      'offline',
      'Offline – 3 unsaved changes, kept on this device',
    ],
    [
      'the server cannot save a change, which the device keeps',
      { saving: false, unsavedChanges: 2, isKept: true },
      'stuck',
      'Saving – Not saved yet: the server can’t save at the moment; kept on this device',
    ],
    ['the server refused', { status: 'denied' }, 'offline', 'Offline – the document is not open here'],
    [
      'the server refused a change for good',
      { status: 'denied', unsavedChanges: 3 },
      'offline',
      'Offline – 3 unsaved changes, kept in this page only; copy them elsewhere',
    ],
  ])('[PAGE1] %s', (_, facts, kind, text) => {
    expect(statusText({ ...WELL, ...facts }).kind).toBe(kind);
    expect(shown(facts)).toBe(text);
  });

  test('[PAGE1] [PAGE2] over all facts: one of four beginnings, and "Saved" only when everything is', () => {
    const statuses = ['connecting', 'synced', 'offline', 'denied', 'destroyed'] as const;
    for (const status of statuses)
      for (const unsavedChanges of [0, 1, 25])
        for (const saving of [true, false])
          for (const role of ['viewer', 'editor', undefined] as const)
            for (const everSynced of [true, false])
              for (const isKept of [true, false]) {
                const facts = { status, unsavedChanges, saving, role, everSynced, isKept };
                const text = shown(facts);
                expect(text).toMatch(/^(Saved$|Saving(…$| – )|Offline – |Read-only – )/);
                const safe = status === 'synced' && unsavedChanges === 0 && saving && role !== 'viewer';
                expect([facts, text === 'Saved']).toEqual([facts, safe]);
                const claimed = /kept on this device/.test(text);
                expect([facts, claimed && !isKept]).toEqual([facts, false]);
              }
  });
});
