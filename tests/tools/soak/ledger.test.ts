import { describe, expect, test } from '@jest/globals';
import { type Edit, type EditRecord, Ledger } from '../../../tools/soak/ledger.js';

class Record implements EditRecord {
  edits: Edit[] = [];
  acked = 0;

  type(inserted: readonly string[], deleted: readonly string[] = []): this {
    this.edits.push({ inserted, deleted });
    return this;
  }

  forget(): void {
    this.edits = [];
    this.acked = 0;
  }
}

function ledgerOf(...records: readonly Record[]): Ledger {
  const ledger = new Ledger();
  for (const record of records) ledger.add(record);
  return ledger;
}

describe('[NODES9] a text after confirmed edits', () => {
  test('[NODES9] is right with all of them, with and without those that are not confirmed', () => {
    const ann = new Record().type(['[1.1]']).type(['[1.2😀]']);
    const ben = new Record().type(['[2.1]'], ['[1.1]']);
    ann.acked = 1;
    const ledger = ledgerOf(ann, ben);
    for (const text of ['[1.1]', '', '[2.1]', '[1.2😀][1.1]', '[1.2😀][2.1]'])
      expect(ledger.check(text, ledger.confirmed())).toEqual([]);
  });

  test.each([
    ['', ['lost, though it was confirmed: [1.1]', 'lost, though it was confirmed: [1.2]']],
    ['[1.1]', ['lost, though it was confirmed: [1.2]']],
    ['[1.1][1.2][1.3]', ['there again after it was deleted: [1.3]']],
    ['[1.1][1.2][1.9]', ['typed by nobody: [1.9]']],
    ['[1.1][1.2][1.1]', ['there twice: [1.1]']],
    ['[1.1]][1.2]', ['the text holds what nobody typed: "|]|"']],
  ])('[NODES9] is wrong as %j', (text, problems) => {
    const ann = new Record().type(['[1.1]', '[1.2]']).type(['[1.3]']).type([], ['[1.3]']);
    ann.acked = 3;
    const ledger = ledgerOf(ann);
    expect(ledger.check(text, ledger.confirmed())).toEqual(problems);
  });

  test('[NODES9] counts what was confirmed before it was read, and no more', () => {
    const ann = new Record().type(['[1.1]']);
    const ledger = ledgerOf(ann);
    const before = ledger.confirmed();
    ann.acked = 1;
    expect(ledger.check('', before)).toEqual([]);
    expect(ledger.check('', ledger.confirmed())).toEqual(['lost, though it was confirmed: [1.1]']);
  });

  test('[NODES9] starts from the text that was right the last time', () => {
    const ann = new Record().type(['[1.1]']).type(['[1.2]']).type([], ['[1.1]']);
    ann.acked = 3;
    const ledger = ledgerOf(ann);
    ledger.settle('[1.2]');
    expect(ann.edits).toEqual([]);
    expect(ledger.check('[1.2]', ledger.confirmed())).toEqual([]);
    expect(ledger.check('[1.1][1.2]', ledger.confirmed())).toEqual(['typed by nobody: [1.1]']);
    expect(ledger.check('', ledger.confirmed())).toEqual(['lost, though it was confirmed: [1.2]']);
  });
});
