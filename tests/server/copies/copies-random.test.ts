import { expect, test } from '@jest/globals';
import type { DeltaOperation, FollowedChange, Following } from '../../../server/copies/copies.js';
import type { AppendBatch, AppendResult } from '../../../server/storage/store.js';
import { CoscribeError } from '../../../shared/errors.js';
import type { Random } from '../../../shared/time.js';
import { DeltaText } from '../../support/apply-delta.js';
import { BusHub } from '../../support/bus-hub.js';
import { asker, copiedNode } from '../../support/copied-node.js';
import { NOTES, Person } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';
import { between, forSeedsInTurn } from '../../support/seeds.js';

const SEEDS = 12;
const STEPS = 120;

/** A store that fails in all the ways that a store may. */
class FaultyStore extends GatedStore {
  faults = true;

  constructor(private readonly random: Random) {
    super();
  }

  override async append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]> {
    const dice = this.faults ? between(this.random, 1, 40) : 0;
    if (dice === 1) throw new CoscribeError('store-unavailable');
    if (dice === 2) throw new CoscribeError('internal');
    if (dice === 3 && !(await this.areKnown(batches)))
      return batches.map(() => ({ ok: false, code: 'client-id-in-use' }));
    const results = await super.append(batches);
    if (dice === 4) throw new CoscribeError('internal', 'after it was stored');
    if (dice === 5) throw new CoscribeError('store-unavailable', 'after it was stored');
    return results;
  }

  /** No store refuses a clientID that the same author was the first to write under, perhaps in an attempt that seemed to fail. */
  private async areKnown(batches: readonly AppendBatch[]): Promise<boolean> {
    const rows = batches.flatMap(({ id, rows }) => rows.map(({ clientId }) => this.readAuthor(id, clientId)));
    return (await Promise.all(rows)).some((author) => author !== undefined);
  }
}

/** Follows the text of a node, and begins anew whenever that ends. */
class Watcher {
  private text = new DeltaText();
  private begun: Following | undefined;
  private beginning: Promise<void> | undefined;
  ends = 0;

  constructor(private readonly node: ReturnType<typeof copiedNode>) {}

  /** If it does not follow already. */
  begin(): Promise<void> {
    if (this.begun !== undefined) return Promise.resolve();
    this.beginning ??= this.follow().finally(() => {
      this.beginning = undefined;
    });
    return this.beginning;
  }

  get shown(): unknown {
    return this.text.show();
  }

  private async follow(): Promise<void> {
    const text = new DeltaText();
    // It may be told before it hears what it began with.
    const early: FollowedChange[] = [];
    let isOver = false;
    let hear = (changes: readonly FollowedChange[]): void => {
      early.push(...changes);
    };
    try {
      const begun = await this.node.copies.follow(
        NOTES,
        { as: 'text', root: 'text' },
        {
          changed: (changes) => hear(changes),
          ended: (error) => {
            this.begun = undefined;
            isOver = true;
            this.ends++;
            if (!error.retryable) throw error;
          },
        },
      );
      const { text: shown } = JSON.parse(Buffer.from(begun.body).toString());
      text.apply(shown === '' ? [] : [{ insert: shown }]);
      hear = (changes) => {
        for (const { json } of changes) text.apply(JSON.parse(json) as DeltaOperation[]);
      };
      hear(early);
      if (!isOver) this.begun = begun;
      this.text = text;
    } catch (error) {
      if (!(error instanceof CoscribeError)) throw error;
    }
  }
}

/** Two nodes, people and scripts on each, and everything that goes wrong in between. */
class World {
  readonly clock = new ManualClock();
  readonly hub = new BusHub();
  readonly store: FaultyStore;
  /** What became of each mark that somebody has written. */
  readonly outcomes = new Map<string, 'durable' | 'never' | 'perhaps'>();
  /** Marks that somebody has seen. */
  readonly shown = new Set<string>();
  readonly under: Promise<unknown>[] = [];
  readonly nodes;
  private marks = 0;

  constructor(readonly random: Random) {
    this.store = new FaultyStore(random);
    this.hub.arrives = () => !this.store.faults || random() > 0.3;
    this.nodes = ['a', 'b'].map((name) => {
      const node = copiedNode({
        store: this.store,
        clock: this.clock,
        bus: this.hub.node(name),
        keepMs: 1_000,
      });
      return {
        ...node,
        watcher: new Watcher(node),
        person: undefined as Person | undefined,
        /** Marks that somebody was told of here. */
        answered: [] as string[],
      };
    });
  }

  async step(): Promise<void> {
    const node = this.nodes[between(this.random, 0, 1)];
    if (node === undefined) return;
    const dice = between(this.random, 1, 24);
    if (dice <= 8) for (let left = between(this.random, 1, 5); left > 0; left--) this.append(node);
    else if (dice === 9) this.look(node);
    else if (dice === 10) this.under.push(node.watcher.begin());
    else if (dice === 11 && this.random() < 0.3) node.work.die();
    else if (dice <= 16) await this.type(node);
    else if (dice <= 19) this.clock.advance(between(this.random, 0, 400));
    else await settle();
  }

  /** All is well from now on, and everybody hears how things ended. */
  async end(): Promise<void> {
    this.store.faults = false;
    for (let left = 60; left > 0; left--) {
      this.clock.advance(500);
      await settle();
    }
    await Promise.all(this.under);
  }

  private mark(): string {
    return `<${++this.marks}>`;
  }

  private append(node: World['nodes'][number]): void {
    const { copies, documents, answered } = node;
    const mark = this.mark();
    const user = ['ada', 'bob'][between(this.random, 0, 1)];
    const guarded = this.random() < 0.3;
    // Now and then it comes twice at once.
    const receipt = this.random() < 0.4 ? { key: `key of ${mark}`, digest: 'd' } : undefined;
    const isTwice = receipt !== undefined && this.random() < 0.3;
    const act = async (): Promise<void> => {
      const after = guarded ? await documents.position(NOTES) : undefined;
      const change = { as: 'append-text', root: 'text', text: mark } as const;
      const guard = { ...(after && { after }), ...(receipt && { receipt }) };
      const isFree = after === undefined && receipt === undefined;
      const once = (): Promise<unknown> =>
        copies.change(NOTES, asker(user), change, isFree ? undefined : guard);
      if (isTwice) once().catch(() => {});
      await once().catch(async (error) => {
        // Whoever asks again finds out what became of it; `copies` says only that there is a receipt.
        if (receipt === undefined || (await this.store.readReceipt(receipt.key)) === undefined) throw error;
      });
    };
    const watched = act().then(
      () => {
        answered.push(mark);
        this.outcomes.set(mark, 'durable');
        this.look(node);
      },
      (error) => {
        if (!(error instanceof CoscribeError)) throw error;
        this.look(node);
        const isUnsure = isTwice || error.code === 'store-unavailable' || error.code === 'internal';
        this.outcomes.set(mark, isUnsure ? 'perhaps' : 'never');
      },
    );
    this.under.push(watched);
  }

  /** Whatever was answered on a node before is seen there. */
  private look({ see, answered }: World['nodes'][number]): void {
    const before = [...answered];
    const seen = see().then(
      (text) => {
        for (const mark of before) expect(text).toContain(mark);
        for (const mark of text.match(/<\d+>/g) ?? []) this.shown.add(mark);
      },
      (error) => expect(error).toBeInstanceOf(CoscribeError),
    );
    this.under.push(seen);
  }

  private async type(node: World['nodes'][number]): Promise<void> {
    if (node.person === undefined || node.person.session.left) {
      const person = new Person(`a secret of 16 characters ${this.random()}`);
      node.person = undefined;
      const joining = person.join(node.documents).then(
        () => {
          node.person = person;
        },
        () => {},
      );
      this.under.push(joining);
      return;
    }
    const mark = this.mark();
    node.person.catchUp();
    const outcome = node.person.type(mark).then((answer) => {
      this.outcomes.set(mark, typeof answer === 'number' ? 'durable' : 'perhaps');
    });
    this.under.push(outcome);
  }
}

test('[COPY14] through all faults at once every answered change is there once, what was refused is not, and who follows sees the same', async () => {
  const seen = { durable: 0, never: 0, perhaps: 0 };
  await forSeedsInTurn(SEEDS, 'tests/server/copies/copies-random', async (random) => {
    const world = new World(random);
    for (let step = 0; step < STEPS; step++) await world.step();
    await world.end();
    const texts = await Promise.all(world.nodes.map(({ see }) => see()));
    const text = texts[0] ?? '';
    expect(texts[1]).toBe(text);
    for (const { watcher } of world.nodes) {
      await watcher.begin();
      await settle();
      expect(watcher.shown).toEqual(new DeltaText([{ insert: text }]).show());
    }
    for (const mark of world.shown) expect(text).toContain(mark);
    for (const [mark, outcome] of world.outcomes) {
      seen[outcome]++;
      const times = text.split(mark).length - 1;
      const right = outcome === 'durable' ? times === 1 : outcome === 'never' ? times === 0 : times <= 1;
      if (!right) throw new Error(`${mark}, which is ${outcome}, is there ${times} times`);
    }
  });
  if (process.env.SEED === undefined) expect(seen.durable).toBeGreaterThan(SEEDS * 10);
});
