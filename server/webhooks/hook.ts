import type { DocumentId } from '../../shared/ids.js';
import type { Timer } from '../../shared/time.js';
import type { LifeKind } from '../storage/delivery-store.js';
import { Busy } from './busy.js';
import { type Claimed, Claims } from './claims.js';
import type { Commit } from './commit.js';
import { complete } from './complete.js';
import { Completions } from './completions.js';
import { DueQueue, type WaitingDocument } from './due-queue.js';
import { type Due, eventOf } from './event.js';
import type { HookOptions } from './hook-options.js';
import { hookSweep } from './hook-sweep.js';
import { concerns } from './life-sweep.js';
import { type Attempt, Messenger } from './messenger.js';
import { ReceiverHealth } from './receiver-health.js';
import type { Sweep } from './sweep.js';

/** What another node is just telling is looked at again after so long, in milliseconds: there may be more by then. */
const HELD_MS = 2_000;

/** How long a stop waits for what can be told at once, in milliseconds. */
const STOP_MS = 2_000;

/**
 * One webhook on one node. A document that has changed waits in the queue, first for more changes, after a failure for
 * another attempt; one of which something else became does not wait for more. When its time has come it is claimed, which says what is to be told; it is told; and that is noted.
 * Nothing but the queue is lost with the node: the sweep finds what is due.
 *
 *     committed ┐
 *     happened  ┤          claim              tell               complete
 *     sweep     ┴─> queue ───────> busy ───────────> busy ─────────────────> (queue, if there is more)
 *                     ^──── held ────┘ ^─── failed ───┘
 */
export class Hook {
  private readonly queue: DueQueue;
  private readonly busy = new Busy();
  private readonly claims: Claims;
  private readonly messenger: Messenger;
  private readonly health: ReceiverHealth;
  private readonly completions: Completions<Due>;
  private readonly sweep: Sweep;
  private state: 'beginning' | 'running' | 'stopping' | 'ended' = 'beginning';
  private timer: Timer | undefined;
  private timerAt = 0;
  private onIdle = (): void => {};

  constructor(private readonly options: HookOptions) {
    const { settings, store, owner, clock, random, log, maxWaiting } = options;
    const { name, url } = settings;
    this.queue = new DueQueue(maxWaiting);
    this.claims = new Claims(options);
    this.messenger = new Messenger(settings, clock);
    this.health = new ReceiverHealth({ host: url.host, clock, random, log });
    this.completions = new Completions({
      ...{ clock, random, log },
      complete: (told) => complete(store, name, told, owner),
    });
    this.sweep = hookSweep(options, (id) => this.found(id));
  }

  /** Documents of which this node knows that something is, or may be, due. */
  get waiting(): number {
    return this.queue.size + this.busy.size;
  }

  /** Makes the hook known to the store, and tells what is due from then on. Fulfils once the store was asked. */
  start(): Promise<void> {
    return new Promise((asked) => void this.begin(asked));
  }

  private async begin(asked: () => void): Promise<void> {
    const record = await this.claims.begin(() => this.state === 'beginning', asked);
    asked();
    if (record === undefined || this.state !== 'beginning') return;
    this.state = 'running';
    this.sweep.start(record.checkedMinute);
    this.pump();
  }

  committed(id: DocumentId, commit: Commit): void {
    const { settings, clock } = this.options;
    if (this.state === 'ended' || !settings.changes || !settings.wants(id)) return;
    if (this.busy.committed(id, commit)) return;
    this.wait({ id, commit, failures: 0, notBefore: clock.monotonic() + settings.gatherMs });
  }

  /** What became of a document is told at once, with what waits to be told before it. */
  happened(id: DocumentId, kind: LifeKind): void {
    if (this.state !== 'ended' && this.options.settings.kept.includes(kind)) this.hasMore(id);
  }

  private hasMore(id: DocumentId): void {
    const { clock } = this.options;
    if (this.busy.happened(id)) return;
    const now = clock.monotonic();
    if (this.queue.has(id)) this.queue.hurry(now, (one) => one.id === id && one.failures === 0);
    this.wait({ id, commit: undefined, failures: 0, notBefore: now });
  }

  /** Tells what failed at once, and no later than it would be. */
  retry(): void {
    this.health.askNow();
    this.queue.hurry(this.options.clock.monotonic(), ({ failures }) => failures > 0);
    this.pump();
  }

  /** Tells what can be told at once, within two seconds. The rest is due to whoever comes next. */
  async stop(): Promise<void> {
    const { clock } = this.options;
    this.sweep.stop();
    if (this.state === 'running') {
      this.state = 'stopping';
      this.queue.hurry(clock.monotonic(), ({ failures }) => failures === 0);
      await new Promise<void>((resolve) => {
        const timer = clock.schedule(STOP_MS, resolve);
        this.onIdle = () => {
          clock.cancel(timer);
          resolve();
        };
        this.pump();
      });
    }
    this.end();
  }

  private end(): void {
    this.state = 'ended';
    this.sweep.stop();
    this.completions.end();
    this.messenger.close();
    this.queue.clear();
    this.busy.clear();
    if (this.timer !== undefined) this.options.clock.cancel(this.timer);
    this.onIdle();
  }

  private found(id: DocumentId): boolean {
    if (this.busy.has(id) || this.queue.has(id)) return true;
    if (this.queue.full) return false;
    this.wait({ id, commit: undefined, failures: 0, notBefore: this.options.clock.monotonic() });
    return true;
  }

  private wait(document: WaitingDocument): void {
    // Where there is no room the store remembers, and the sweep finds it.
    this.queue.add(document);
    this.pump();
  }

  /** The one place that decides what happens next; called whenever something has changed. */
  private pump(): void {
    const { clock, settings, maxWaiting } = this.options;
    if ((this.state !== 'running' && this.state !== 'stopping') || this.claims.underWay) return;
    if (this.queue.size < maxWaiting / 2) this.sweep.hasRoom();
    const now = clock.monotonic();
    const pausedUntil = Math.max(this.health.pausedUntil, this.claims.pausedUntil);
    const room = (this.health.away ? 1 : settings.concurrency) - this.busy.size;
    const due = pausedUntil <= now && room > 0 ? this.queue.take(now, room) : [];
    if (due.length > 0) void this.claim(due);
    else if (room > 0 && this.queue.nextAt !== undefined)
      this.pumpAt(Math.max(this.queue.nextAt, pausedUntil));
    // In a stop, nothing is waited for that cannot be told at once.
    if (due.length === 0 && this.busy.size === 0) this.onIdle();
  }

  private pumpAt(time: number): void {
    const { clock } = this.options;
    if (this.timer !== undefined && this.timerAt === time) return;
    if (this.timer !== undefined) clock.cancel(this.timer);
    this.timerAt = time;
    this.timer = clock.schedule(time - clock.monotonic(), () => {
      this.timer = undefined;
      this.pump();
    });
  }

  private async claim(documents: readonly WaitingDocument[]): Promise<void> {
    for (const { id } of documents) this.busy.begin(id);
    const outcomes = await this.claims.claim(documents);
    if (this.state === 'ended') return;
    for (const [n, document] of documents.entries()) this.goOn(document, outcomes?.[n]);
    this.pump();
  }

  private goOn(document: WaitingDocument, outcome: Claimed | undefined): void {
    const { clock } = this.options;
    const now = clock.monotonic();
    switch (outcome?.state) {
      case 'claimed':
        if (this.busy.beginTelling(generationOf(outcome.due))) void this.tell(document, outcome.due);
        else this.putBack({ ...document, notBefore: now + HELD_MS });
        break;
      case 'held': {
        const left = Math.max(0, outcome.until - clock.wall());
        this.putBack({ ...document, notBefore: now + Math.min(left, HELD_MS) });
        break;
      }
      case 'nothing':
        this.release(document.id);
        break;
      case undefined:
        this.putBack(document);
    }
  }

  private async tell(document: WaitingDocument, due: Due): Promise<void> {
    const { clock, counters, settings } = this.options;
    const { id } = document;
    const wanted =
      due.event === undefined || (settings.kinds.includes(due.event.kind) && concerns(settings, due.event));
    const attempt: Attempt = wanted ? await this.messenger.tell(eventOf(due)) : { result: 'passed over' };
    if (attempt.result === 'failed') counters.count('webhook-failed');
    if (attempt.result === 'told') counters.count('webhook-delivered');
    if (this.state === 'ended') return;
    const now = clock.monotonic();
    if (attempt.result === 'gone') this.giveUp();
    else if (attempt.result === 'failed') {
      const failures = document.failures + 1;
      this.busy.endTelling(generationOf(due));
      const pause = this.health.noteFailure(id, failures, attempt);
      this.putBack({ ...document, failures, notBefore: now + pause });
    } else {
      if (wanted && this.health.succeeded(id)) this.queue.hurry(now, ({ failures }) => failures > 0);
      await this.completions.add(due);
      this.busy.endTelling(generationOf(due));
      this.release(id, due);
    }
  }

  /** The document waits again, as it did, or differently. */
  private putBack(document: WaitingDocument): void {
    const meanwhile = this.busy.end(document.id);
    this.wait({ ...document, commit: document.commit ?? meanwhile.commit });
    if (meanwhile.happened) this.hasMore(document.id);
  }

  /** The document is done with, unless there is more than what was told. */
  private release(id: DocumentId, due?: Due): void {
    const { clock, settings } = this.options;
    const { commit, happened } = this.busy.end(id);
    const told = due?.event === undefined ? due?.delivery : undefined;
    const later = commit !== undefined && !(commit.generation === told?.generation && commit.to <= told.to);
    const more = told !== undefined && told.head > told.to;
    const now = clock.monotonic();
    // Behind an event there may be others, of which only the store knows.
    const unsure = due?.event !== undefined && !later;
    if (happened || unsure || (due?.event === undefined && due?.more))
      this.wait({ id, commit, failures: 0, notBefore: now });
    else if (later || more)
      this.wait({
        ...{ id, commit, failures: 0 },
        notBefore: now + (this.state === 'stopping' ? 0 : settings.gatherMs),
      });
    else this.pump();
  }

  private giveUp(): void {
    const webhook = this.options.settings.url.host;
    this.options.log.error(
      { webhook },
      'the webhook wants no more requests (410 Gone); it gets none until the server is started again',
    );
    this.end();
  }
}

function generationOf(due: Due): string {
  return (due.event ?? due.delivery).generation;
}
