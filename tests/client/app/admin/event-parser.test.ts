import { expect, test } from '@jest/globals';
import { EventParser } from '../../../../client/app/admin/event-parser.js';

const STREAM =
  'retry: 2000\n\n: heartbeat\n\nevent: overview\nid: 4\ndata: {"a":1}\n\nevent: end\r\ndata: one\r\ndata:  two\r\n\r\ndata\n\nevent: x\n\n';
const EVENTS = [
  { event: 'overview', data: '{"a":1}' },
  { event: 'end', data: 'one\n two' },
  { event: 'message', data: '' },
];

test('[ADMPAGE2] events are taken apart, however they are cut into pieces', () => {
  expect(new EventParser().push(STREAM)).toEqual(EVENTS);
  for (let cut = 0; cut <= STREAM.length; cut++) {
    const parser = new EventParser();
    expect([...parser.push(STREAM.slice(0, cut)), ...parser.push(STREAM.slice(cut))]).toEqual(EVENTS);
  }
  const single = new EventParser();
  expect([...STREAM].flatMap((character) => single.push(character))).toEqual(EVENTS);
});

test('[ADMPAGE14] an event without an end is given up', () => {
  const endless = new EventParser();
  const megabyte = 'x'.repeat(1_000_000);
  expect(() => {
    for (let pieces = 0; pieces < 10; pieces++) endless.push(megabyte);
  }).toThrow(RangeError);
  const lines = new EventParser();
  expect(() => {
    for (let pieces = 0; pieces < 10; pieces++) lines.push(`data: ${megabyte}\n`);
  }).toThrow(RangeError);
  const many = new EventParser();
  for (let events = 0; events < 20; events++) expect(many.push(`data: ${megabyte}\n\n`)).toHaveLength(1);
});
