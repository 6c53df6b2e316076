import { describe, expect, test } from '@jest/globals';
import type { Viewed } from '../../../server/copies/copies.js';
import { ViewLine } from '../../../server/copies/view-line.js';
import type { CopyAnswer, CopyTask, View } from '../../../server/workers/copy-work.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { copiedNode, following, TEXT } from '../../support/copied-node.js';
import { NOTES, Person } from '../../support/document-node.js';
import { settle } from '../../support/manual-clock.js';

async function inside({ documents }: ReturnType<typeof copiedNode>, id = NOTES): Promise<Person> {
  const person = new Person(`a secret of 16 characters ${id}`);
  await person.join(documents, {}, id);
  return person;
}

function root(name: string): View {
  return { as: 'text', root: name };
}

function textOf({ body }: Viewed): string {
  return Buffer.from(body).toString();
}

/** A copy that answers when it is told to, the first asked first. */
class Copy {
  position = { generation: 'g', seq: 1 };
  readonly asked: CopyTask[] = [];
  private readonly answers: ((answer: CopyAnswer) => void)[] = [];

  ask(task: CopyTask): Promise<CopyAnswer> {
    this.asked.push(task);
    return new Promise((resolve) => this.answers.push(resolve));
  }

  async answer(): Promise<void> {
    const { seq } = this.position;
    this.answers.shift()?.({ seq, body: new Uint8Array(), before: [], since: seq });
    await settle();
  }
}

const isAwaited = (): boolean => true;

describe('views of a document', () => {
  test('[COPY17] one is made at a time, so that another document waits for one and not for all', async () => {
    const node = copiedNode();
    const other = parseDocumentId('acme/other');
    await (await inside(node)).type('large');
    await (await inside(node, other)).type('small');
    await Promise.all([node.see(), node.see(TEXT, other)]);
    node.work.views.length = 0;
    const goOn = node.work.pause();
    const many = ['a', 'b', 'c', 'd'].map((name) => node.see(root(name)));
    await settle();
    const small = node.see(TEXT, other);
    await settle();
    goOn();
    expect(await small).toBe('small');
    await Promise.all(many);
    expect(node.work.views).toEqual([root('a'), TEXT, root('b'), root('c'), root('d')]);
  });

  test('[COPY17] [COPY1] whoever asks for the same gets the same answer, unless something has come since it was begun', async () => {
    const node = copiedNode();
    const ann = await inside(node);
    await ann.type('one ');
    await node.see();
    for (const isFollowed of [false, true]) {
      if (isFollowed) await following(node.copies, { as: 'json' });
      const before = await node.see();
      node.work.views.length = 0;
      const goOn = node.work.pause();
      const early = [1, 2, 3].map(() => node.copies.view(NOTES, TEXT));
      await settle();
      // It is with the thread, and holds all that there is.
      expect(node.work.views).toHaveLength(1);
      early.push(node.copies.view(NOTES, TEXT));
      await settle();
      await ann.type('two ');
      const late = [1, 2, 3].map(() => node.copies.view(NOTES, TEXT));
      await settle();
      goOn();
      expect(new Set((await Promise.all(early)).map(textOf))).toEqual(new Set([before]));
      // Who saw that it was saved sees it.
      expect(new Set((await Promise.all(late)).map(textOf))).toEqual(new Set([`${before}two `]));
      expect(new Set(await Promise.all(late)).size).toBe(1);
      expect(node.work.views).toEqual([TEXT, TEXT]);
    }
  });

  test('[COPY17] another view, or that of another copy, is another answer', async () => {
    const [line, copy, other] = [new ViewLine(), new Copy(), new Copy()];
    const views: View[] = [
      { as: 'text', root: 'a' },
      { as: 'text', root: 'b' },
      { as: 'json', root: 'a' },
      { as: 'json' },
      { as: 'state' },
      { as: 'state', since: new Uint8Array() },
      { as: 'state', since: new Uint8Array([1, 2]) },
      { as: 'state', since: new Uint8Array([1, 3]) },
    ];
    const twice = [...views, ...views].map((view) => line.take(copy, view, isAwaited));
    const elsewhere = line.take(other, { as: 'json' }, isAwaited);
    await settle();
    for (const _ of views) await copy.answer();
    await other.answer();
    await Promise.all([...twice, elsewhere]);
    expect(copy.asked).toEqual(views.map((view) => ({ kind: 'view', view })));
    expect(other.asked).toHaveLength(1);
    // Nothing is kept.
    void line.take(copy, { as: 'json' }, isAwaited);
    await settle();
    expect(copy.asked).toHaveLength(views.length + 1);
  });

  test('[COPY17] too many do not wait, and what nobody waits for any more is not made', async () => {
    const [line, copy] = [new ViewLine(), new Copy()];
    let isPatient = true;
    const first = line.take(copy, root('first'), isAwaited);
    await settle();
    const many = Array.from({ length: 100 }, (_, n) => line.take(copy, root(`${n}`), () => isPatient));
    const outcomes = Promise.allSettled(many);
    await expect(line.take(copy, root('late'), isAwaited)).rejects.toMatchObject({ code: 'server-busy' });
    // Who wants what is being made anyway, or waits already, takes no place.
    const [same, awaited] = [root('first'), root('7')].map((view) => line.take(copy, view, isAwaited));
    isPatient = false;
    await copy.answer();
    await Promise.all([first, same]);
    await copy.answer();
    await awaited;
    expect(copy.asked).toEqual(['first', '7'].map((name) => ({ kind: 'view', view: root(name) })));
    const made = (await outcomes).filter(({ status }) => status === 'fulfilled');
    expect(made).toHaveLength(1);
  });
});
