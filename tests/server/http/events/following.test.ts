import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CoscribeError } from '../../../../shared/errors.js';
import { type EventsServer, eventsServer } from '../../../support/events-server.js';
import { settle } from '../../../support/manual-clock.js';
import { until } from '../../../support/until.js';

let server: EventsServer;

beforeEach(async () => {
  server = await eventsServer();
});
afterEach(() => server.close());

describe('what a follower is given', () => {
  test('[SSE1] a snapshot, then every change in its order, each under its own id', async () => {
    const { copies } = server;
    copies.body = '{"text":"Hel"}';
    copies.seq = 7;
    const reader = await server.follow();
    expect(await reader.take('snapshot')).toEqual({ generation: 'generation-1', seq: 7, text: 'Hel' });
    expect(reader.lastId).toBe('7-generation-1');
    expect(reader.retry).toBeGreaterThan(0);
    copies.latest.change([{ retain: 3 }, { insert: 'lo' }]);
    expect(await reader.take('delta')).toEqual({ seq: 8, delta: [{ retain: 3 }, { insert: 'lo' }] });
    copies.latest.change([{ delete: 1 }], { seq: 11, from: 9 });
    copies.latest.change([{ delete: 2 }]);
    expect(await reader.take('delta')).toEqual({ seq: 11, delta: [{ delete: 1 }] });
    expect(await reader.take('delta')).toEqual({ seq: 12, delta: [{ delete: 2 }] });
    expect(reader.lastId).toBe('12-generation-1');
  });

  test('[SSE1] of formatted text the delta, of other types JSON; by default the text of text areas', async () => {
    const { copies } = server;
    await (await server.follow()).take('snapshot');
    expect(copies.latest.what).toEqual({ as: 'text', root: 'text' });
    copies.body = '{"text":"a\ufffc","delta":[{"insert":"a"},{"insert":{"image":"b"}}]}';
    const rich = await server.follow('?root=body');
    expect(await rich.take('snapshot')).toEqual({
      generation: 'generation-1',
      seq: 0,
      text: 'a\ufffc',
      delta: [{ insert: 'a' }, { insert: { image: 'b' } }],
    });
    copies.body = '{"a":[1]}';
    const json = await server.follow('?as=json&root=scores');
    expect(copies.latest.what).toEqual({ as: 'json', root: 'scores' });
    expect(await json.take('snapshot')).toEqual({ generation: 'generation-1', seq: 0, json: { a: [1] } });
    copies.latest.change([{ op: 'add', path: '/a/-', value: 2 }]);
    expect(await json.take('patch')).toEqual({ seq: 1, patch: [{ op: 'add', path: '/a/-', value: 2 }] });
    await server.follow('?as=json');
    expect(copies.latest.what).toEqual({ as: 'json' });
  });

  test('[SSE8] the same is followed once, however many do, and made anew for nobody', async () => {
    const { copies } = server;
    const readers = await Promise.all(Array.from({ length: 20 }, () => server.follow()));
    for (const reader of readers) await reader.take('snapshot');
    copies.latest.change([{ insert: 'x' }]);
    for (const reader of readers) await reader.take('delta');
    const late = await server.follow();
    expect(await late.take('snapshot')).toMatchObject({ seq: 0 });
    expect(await late.take('delta')).toMatchObject({ seq: 1 });
    expect(copies.followings).toHaveLength(1);
    expect(copies.latest.looks).toBe(0);
    server.clock.advance(5_000);
    const later = await server.follow();
    expect(await later.take('snapshot')).toMatchObject({ seq: 1 });
    expect(copies.latest.looks).toBe(1);
  });

  test('[SSE8] a hundred followers are told of what happens meanwhile together, at their pace', async () => {
    const { copies, clock } = server;
    const readers = await Promise.all(Array.from({ length: 100 }, () => server.follow()));
    for (const reader of readers) await reader.take('snapshot');
    clock.advance(1_000);
    copies.latest.change([{ insert: 'a' }]);
    for (const reader of readers) await reader.take('delta');
    copies.latest.change([{ insert: 'b' }]);
    copies.latest.change([{ insert: 'c' }]);
    clock.advance(2);
    await settle();
    expect(readers[0]?.events).toHaveLength(2);
    clock.advance(1);
    for (const reader of readers) {
      await reader.take('delta');
      await reader.take('delta');
    }
  });
});

describe('whoever comes back', () => {
  test('[SSE3] is given what he lacks, by the header, by the address, and by a number alone', async () => {
    const { copies } = server;
    await server.addRows(12);
    copies.seq = 12;
    copies.since = 10;
    copies.before = [
      { from: 10, seq: 11, json: '[{"insert":"k"}]' },
      { from: 11, seq: 12, json: '[{"insert":"l"}]' },
    ];
    const header = { headers: { 'Last-Event-ID': '10-generation-1' } };
    // The address is the one with which the page began.
    const reader = await server.follow('?lastEventId=3', header);
    expect(await reader.take('delta')).toMatchObject({ seq: 11 });
    expect(await reader.take('delta')).toMatchObject({ seq: 12 });
    copies.latest.change([{ insert: 'm' }]);
    expect(await reader.take('delta')).toMatchObject({ seq: 13 });
    const other = await server.follow('?lastEventId=11-generation-1');
    expect(await other.take('delta')).toMatchObject({ seq: 12 });
    const number = await server.follow('?lastEventId=12');
    expect(await number.take('delta')).toMatchObject({ seq: 13 });
    copies.latest.change([{ insert: 'n' }]);
    expect(await number.take('delta')).toMatchObject({ seq: 14 });
  });

  test.each([
    ['5', 'has seen less than is known'],
    ['12-generation-0', 'has seen another document of that name'],
    ['1000', 'has seen what is not in the log'],
    ['%C3%A4-b', 'names nothing'],
  ])('[SSE3] is given a snapshot with the id %s: he %s', async (id) => {
    const { copies } = server;
    await server.addRows(12);
    copies.seq = 12;
    copies.since = 10;
    const reader = await server.follow(`?lastEventId=${id}`);
    expect(await reader.take('snapshot')).toMatchObject({ seq: 12 });
  });

  test('[SSE3] who has seen up to a row within a change is given a snapshot, and nothing twice', async () => {
    const { copies } = server;
    await server.addRows(6);
    copies.seq = 4;
    const reader = await server.follow('?lastEventId=4');
    await until(() => copies.followings.length === 1, 'the following');
    copies.latest.change([{ insert: 'ab' }], { seq: 6 });
    expect(await reader.take('delta')).toMatchObject({ seq: 6 });
    const within = await server.follow('?lastEventId=5');
    expect(await within.take('snapshot')).toMatchObject({ seq: 4 });
    expect(await within.take('delta')).toMatchObject({ seq: 6 });
  });

  test('[SSE3] when what is followed has to be followed anew, all go on from where they are, or with a snapshot', async () => {
    const { copies, clock } = server;
    copies.seq = 3;
    const reader = await server.follow();
    await reader.take('snapshot');
    copies.error = new CoscribeError('server-busy');
    copies.latest.end(new CoscribeError('document-reloading'));
    clock.advance(250);
    await settle();
    copies.error = undefined;
    copies.seq = 5;
    copies.since = 2;
    copies.before = [{ from: 3, seq: 5, json: '[{"insert":"x"}]' }];
    clock.advance(500);
    expect(await reader.take('delta')).toMatchObject({ seq: 5 });
    copies.generation = 'generation-2';
    copies.seq = 1;
    copies.before = [];
    copies.since = 1;
    copies.latest.end(new CoscribeError('document-reloading'));
    clock.advance(250);
    expect(await reader.take('snapshot')).toMatchObject({ generation: 'generation-2', seq: 1 });
  });

  test('[SSE3] a copy that cannot be looked at is followed anew', async () => {
    const { copies, clock } = server;
    await (await server.follow()).take('snapshot');
    clock.advance(5_000);
    copies.latest.lookError = new CoscribeError('server-busy');
    copies.seq = 9;
    const reader = await server.follow();
    const [first] = copies.followings;
    await until(() => first?.stopped === true, 'the end of the first copy');
    clock.advance(250);
    expect(await reader.take('snapshot')).toMatchObject({ seq: 9 });
  });
});
