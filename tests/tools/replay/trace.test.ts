import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { parseTrace, readTrace, TraceError } from '../../../tools/replay/trace.js';
import { temporaryFolder } from '../../support/folder.js';

const txn = (fields: object = {}): object => ({
  time: '2020-01-01T00:00:01.000Z',
  patches: [[0, 0, 'a']],
  ...fields,
});
const sequential = (...txns: object[]): object => ({ startContent: '', endContent: 'a', txns });
const concurrent = (numAgents: number, ...txns: object[]): object => ({
  kind: 'concurrent',
  endContent: 'a',
  numAgents,
  txns,
});
const by = (agent: number, ...parents: number[]): object => txn({ agent, parents });

test('[REPLAY1] a sequential recording has one author, who makes each transaction after the one before', () => {
  expect(parseTrace(sequential(txn(), txn()))).toEqual({
    authors: 1,
    startContent: '',
    endContent: 'a',
    transactions: [1, 2].map(() => ({
      author: 0,
      time: Date.UTC(2020, 0, 1, 0, 0, 1),
      patches: [[0, 0, 'a']],
      sees: [],
      seenApart: false,
    })),
  });
});

test('[REPLAY2] of a concurrent recording it is known what each author saw of the others before each transaction', () => {
  // 0 writes three; 1 sees the first and writes; 2 sees that, and with it the first; 0 sees what 2 wrote.
  const { transactions } = parseTrace(
    concurrent(3, by(0), by(0, 0), by(0, 1), by(1, 0), by(2, 3), by(0, 2, 4), by(1, 3)),
  );
  expect(transactions.map(({ sees }) => sees)).toEqual([
    [],
    [],
    [],
    [{ author: 0, count: 1 }],
    [
      { author: 0, count: 1 },
      { author: 1, count: 1 },
    ],
    [
      { author: 1, count: 1 },
      { author: 2, count: 1 },
    ],
    [],
  ]);
  expect(transactions.map(({ seenApart }) => seenApart)).toEqual([
    true,
    false,
    false,
    true,
    true,
    false,
    false,
  ]);
});

const WRONG: readonly [what: string, json: unknown, sentence: string][] = [
  ['a list', [], 'it is no object'],
  ['no transactions', { endContent: '' }, 'txns is no list'],
  ['no end', { txns: [] }, 'endContent is no text'],
  ['a start that is no text', { startContent: 1, endContent: '', txns: [] }, 'startContent is no text'],
  ['another kind', { kind: 'other', endContent: '', txns: [] }, 'the kind "other" is not known'],
  ['a transaction that is none', sequential(7 as unknown as object), 'transaction 0 is no object'],
  ['no patches', sequential({ time: '' }), 'the patches of transaction 0 are no list'],
  ['a patch without text', sequential(txn({ patches: [[0, 0]] })), 'a patch of transaction 0 is not'],
  ['a negative position', sequential(txn({ patches: [[-1, 0, 'a']] })), 'a patch of transaction 0 is not'],
  ['half a character', sequential(txn({ patches: [[0, 0, '\ud83d']] })), 'inserts half a character'],
  ['an agent too many', concurrent(1, by(1)), 'the agent of transaction 0 is none of 1'],
  ['no agents', concurrent(0), 'numAgents is not a number from 1'],
  ['no parents', concurrent(1, txn({ agent: 0 })), 'the parents of transaction 0 are none'],
  ['a parent from the future', concurrent(1, by(0, 0)), 'a parent of transaction 0 does not come before it'],
  ['an author who forgot', concurrent(2, by(0), by(0)), 'transaction 1 was made without something'],
];

test.each(WRONG)('[REPLAY4] %s is no recording, and it is said why', (_, json, sentence) => {
  expect(() => parseTrace(json)).toThrow(TraceError);
  expect(() => parseTrace(json)).toThrow(sentence);
});

test('[REPLAY1] [REPLAY4] a recording is read from JSON and from gzipped JSON, by content; other files are refused with a sentence', async () => {
  const folder = temporaryFolder();
  try {
    const json = JSON.stringify(sequential(txn()));
    writeFileSync(folder.file('plain.gz'), json);
    writeFileSync(folder.file('packed.json'), gzipSync(json));
    expect(await readTrace(folder.file('packed.json'))).toEqual(await readTrace(folder.file('plain.gz')));
    writeFileSync(folder.file('cut.gz'), gzipSync(json).subarray(0, 30));
    await expect(readTrace(folder.file('cut.gz'))).rejects.toThrow(/cut\.gz cannot be decompressed: /);
    writeFileSync(folder.file('words'), 'no JSON');
    await expect(readTrace(folder.file('words'))).rejects.toThrow(/words is no JSON, gzipped or not\.$/);
    await expect(readTrace(folder.file('gone'))).rejects.toThrow(/^There is no file .*gone\.$/);
    await expect(readTrace(folder.path)).rejects.toThrow(/cannot be read: /);
  } finally {
    folder.remove();
  }
});
