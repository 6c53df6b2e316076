import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { CopyThread, type CopyThreadOptions } from '../../../server/workers/copy-thread.js';
import type { CopyFeed, CopyKeeper, FollowedChange, HeldCopy } from '../../../server/workers/copy-work.js';
import type { CoscribeError } from '../../../shared/errors.js';
import { encodeUpdateList } from '../../../shared/frames.js';
import { systemClock } from '../../../shared/time.js';
import { ManualClock } from '../../support/manual-clock.js';
import { until } from '../../support/until.js';
import { buildUpdate, string } from '../../support/update-builder.js';

const open: CopyThread[] = [];

afterEach(async () => {
  for (const thread of open.splice(0)) await thread.close();
});

function thread(options: Partial<CopyThreadOptions> = {}): CopyThread {
  const made = new CopyThread({ clock: systemClock({ unref: true }), maxBytes: 2 ** 20, ...options });
  open.push(made);
  return made;
}

/** Keeps a copy, and writes down what it hears. */
class Keeper implements CopyKeeper {
  bytes = 0;
  readonly changes: FollowedChange[] = [];
  readonly endings: { readonly code: string; readonly isCause: boolean }[] = [];
  readonly held: HeldCopy;
  private seq = 0;
  private waiting: Uint8Array[] = [];

  constructor(work: CopyThread, updates: readonly Uint8Array[] = []) {
    this.held = work.hold(this);
    this.feed(...updates);
  }

  feed(...updates: readonly Uint8Array[]): void {
    this.waiting.push(...updates);
  }

  takeFeed(): CopyFeed | undefined {
    if (this.waiting.length === 0) return undefined;
    this.seq += this.waiting.length;
    const list = encodeUpdateList(this.waiting);
    this.waiting = [];
    return { list, seq: this.seq };
  }

  measured(bytes: number): void {
    this.bytes = bytes;
  }

  changed(_number: number, change: FollowedChange): void {
    this.changes.push(change);
  }

  unfollowed(): void {}

  ended({ code }: CoscribeError, isCause: boolean): void {
    this.endings.push({ code, isCause });
  }

  async text(): Promise<string> {
    const { body } = await this.held.ask({ kind: 'view', view: { as: 'text', root: 'text' } });
    return Buffer.from(body).toString();
  }
}

function typed(text: string, doc = new Y.Doc()): Uint8Array {
  const before = Y.encodeStateVector(doc);
  doc.getText('text').insert(0, text);
  return Y.encodeStateAsUpdate(doc, before);
}

/** Takes Yjs seconds: every character looks for its place among all those before it. */
function slow(length: number): Uint8Array {
  const between = Array.from({ length: length - 2 }, (_, n) =>
    string('y', { origin: [1, 0], right: [1, n + 2] }),
  );
  return buildUpdate([
    { client: 2, clock: 0, structs: between },
    { client: 1, clock: 0, structs: [string('x'.repeat(length))] },
  ]);
}

/** Threads of this process of that name, by number. */
function threads(): string[] {
  return readdirSync('/proc/self/task').filter(
    (task) =>
      Number(readFileSync(`/proc/self/task/${task}/stat`, 'latin1').split(') ')[1]?.split(' ')[16]) === 10,
  );
}

describe('the thread of copies', () => {
  test('[COPY13] keeps many copies, each with what is its own, and hands large answers over', async () => {
    const work = thread();
    const doc = new Y.Doc();
    const keepers = ['one', 'two', 'x'.repeat(200_000)].map((text) => new Keeper(work, [typed(text)]));
    expect(await Promise.all(keepers.map((keeper) => keeper.text()))).toEqual([
      'one',
      'two',
      'x'.repeat(200_000),
    ]);
    const followed = new Keeper(work, [typed('a', doc)]);
    await followed.held.ask({ kind: 'follow', number: 1, what: { as: 'text', root: 'text' } });
    followed.feed(typed('b', doc));
    await followed.held.ask({ kind: 'take' });
    expect(followed.changes).toEqual([{ from: 1, seq: 2, json: '[{"insert":"b"}]' }]);
    await expect(
      followed.held.ask({ kind: 'view', view: { as: 'state', since: new Uint8Array([9]) } }),
    ).rejects.toMatchObject({ code: 'bad-request' });
    expect(await followed.text()).toBe('ba');
    expect(followed.endings).toEqual([]);
  });

  test('[COPY13] a copy that cannot take what it is given ends alone', async () => {
    const work = thread();
    const [good, bad] = [new Keeper(work, [typed('good')]), new Keeper(work, [new Uint8Array([1, 2, 3])])];
    await expect(bad.text()).rejects.toMatchObject({ code: 'document-reloading' });
    expect(await good.text()).toBe('good');
    expect([good.endings, bad.endings]).toEqual([[], [{ code: 'document-reloading', isCause: false }]]);
  });

  test('[COPY13] a task that takes too long ends all copies; who asked for it is told from the others', async () => {
    const work = thread({ mostMs: 400 });
    const other = new Keeper(work, [typed('other')]);
    expect(await other.text()).toBe('other');
    const cause = new Keeper(work, [slow(10_000)]);
    await expect(cause.text()).rejects.toMatchObject({ code: 'server-busy' });
    expect(cause.endings).toEqual([{ code: 'server-busy', isCause: true }]);
    expect(other.endings).toEqual([{ code: 'server-busy', isCause: false }]);
    expect(await new Keeper(work, [typed('again')]).text()).toBe('again');
  });

  test('[COPY13] a copy that takes too much memory costs the process nothing', async () => {
    const work = thread({ maxBytes: 0 });
    const structs = Array.from({ length: 500_000 }, (_, n) =>
      string('x', n === 0 ? undefined : { right: [1, n - 1] }),
    );
    const large = new Keeper(work, [buildUpdate([{ client: 1, clock: 0, structs }])]);
    await expect(large.text()).rejects.toMatchObject({ code: 'server-busy' });
    expect(await new Keeper(work, [typed('next')]).text()).toBe('next');
  });

  test('[COPY13] steps back behind all other threads, and ends when no copy is left in it', async () => {
    if (process.platform !== 'linux') return;
    const clock = new ManualClock();
    const work = thread({ clock });
    const before = threads();
    const keeper = new Keeper(work, [typed('x')]);
    await keeper.text();
    expect(threads()).toHaveLength(before.length + 1);
    clock.advance(30_000);
    expect(await keeper.text()).toBe('x');
    keeper.held.drop();
    const isOver = (): boolean => {
      clock.advance(1_000);
      return threads().length === before.length;
    };
    await until(isOver, 'the thread to end');
  });

  test('[COPY13] at the end everybody is told, and nothing is taken any more', async () => {
    const work = thread();
    const keeper = new Keeper(work, [typed('x')]);
    await keeper.text();
    const waiting = keeper.text().catch((error: CoscribeError) => error.code);
    await work.close();
    expect(await waiting).toBe('shutting-down');
    expect(keeper.endings).toEqual([{ code: 'shutting-down', isCause: false }]);
    await expect(keeper.text()).rejects.toMatchObject({ code: 'shutting-down' });
  });
});
