import { CoscribeError } from '../../../shared/errors.js';
import type { DocumentId } from '../../../shared/ids.js';
import type { Clock, Random, Timer } from '../../../shared/time.js';
import type { DocumentCopies, Followed } from '../../copies/copies.js';
import type { Admission } from '../../documents/admitted.js';
import type { Documents } from '../../documents/documents.js';
import { IdleQueue } from '../../documents/idle-queue.js';
import { Meter, type MeterLimits } from '../../documents/meter.js';
import type { WaysIn } from '../../telemetry/node-sources.js';
import { EventFollower } from './event-follower.js';
import type { LastSeen } from './events.js';
import { Hub } from './hub.js';
import { PresenceLine } from './presence-line.js';
import { Rounds } from './rounds.js';
import { WaitingStreams } from './waiting-streams.js';

/** A stream is written to at least every 15 s: half of them at each of these, at the latest, in milliseconds. */
const BEAT_MS = 7_500;
const LOOK_EVERY_MS = 1_000;
/** A hub without followers goes on for so long, in milliseconds: they may come back. */
const HUB_KEPT_MS = 10_000;

export interface FollowerLimits extends MeterLimits {
  /** On this node. */
  readonly maxFollowersPerDocument: number;
}

export interface EventStreamsOptions {
  readonly documents: Pick<Documents, 'open' | 'existing' | 'draining'>;
  readonly copies: DocumentCopies;
  readonly clock: Clock;
  readonly random: Random;
  /** Where its connections are counted; nowhere if not given. */
  readonly ways?: WaysIn | undefined;
  readonly limits: FollowerLimits;
}

/** What somebody wants to follow. */
export interface Wanted {
  readonly id: DocumentId;
  readonly what: Followed;
  readonly presence: boolean;
  readonly lastSeen: LastSeen | undefined;
}

/** A hub, and by how many followers it is needed, those that are on their way to it included. */
interface Place {
  readonly key: string;
  readonly hub: Hub;
  holders: number;
}

/** What the followers of a document have in common, whatever of it they follow. */
interface FollowedHere {
  followers: number;
  readonly presence: PresenceLine;
}

/** All event streams of a node, with what looks after them: one timer for each thing to do, however many they are. */
export class EventStreams {
  /** Those of documents that nobody has made yet. */
  readonly waiting: WaitingStreams;
  private readonly places = new Map<string, Place>();
  private readonly idle: IdleQueue<Place>;
  private readonly followers = new Set<EventFollower>();
  private readonly documents = new Map<DocumentId, FollowedHere>();
  private readonly stalled = new Set<EventFollower>();
  private readonly beats: Rounds<EventFollower>;
  private beatTimer: Timer | undefined;
  private lookTimer: Timer | undefined;

  constructor(private readonly options: EventStreamsOptions) {
    const { clock, documents, limits } = options;
    this.waiting = new WaitingStreams({ documents, clock, maxStreams: limits.maxFollowersPerDocument });
    this.idle = new IdleQueue(clock, HUB_KEPT_MS, (place) => this.close(place));
    this.beats = new Rounds({
      clock,
      members: this.followers,
      interval: () => 0,
      begin: () => {},
      visit: (follower) => follower.beat(),
    });
    options.ways?.watchWay(() => [
      {
        protocol: 'events',
        transport: 'http',
        count: this.followers.size + this.waiting.count,
        queuedBytes: this.queuedBytes,
      },
    ]);
  }

  /** How many streams, hubs and things that are looked after there are. */
  get counts(): { readonly followers: number; readonly hubs: number; readonly stalled: number } {
    return { followers: this.followers.size, hubs: this.places.size, stalled: this.stalled.size };
  }

  private get queuedBytes(): number {
    let sum = 0;
    for (const follower of this.followers) sum += follower.queuedBytes();
    return sum;
  }

  /**
   * A follower that is in the document and knows what it will show: it only has to `begin`, or else to `leave`.
   *
   * @throws CoscribeError `document-full`; as `Documents.open`, `Session.join`, `DocumentCopies.follow`
   */
  async open({ id, what, presence, lastSeen }: Wanted, admission: Admission): Promise<EventFollower> {
    const { documents, clock, random, limits } = this.options;
    const { presence: line } = this.count(id);
    const place = this.placeOf(id, what);
    const follower = new EventFollower({
      hub: place.hub,
      meter: new Meter(limits, clock),
      lastSeen,
      presence: presence ? line : undefined,
      clock,
      random,
      onStalled: (one) => this.lookAfter(one),
      onGone: (one) => {
        this.followers.delete(one);
        this.stalled.delete(one);
        this.leave(place);
        this.uncount(id);
      },
    });
    try {
      await follower.enter(await documents.open(id, admission, follower, true));
      await place.hub.open();
      if (follower.over !== undefined) throw follower.over;
    } catch (error) {
      follower.leave();
      throw error;
    }
    this.followers.add(follower);
    this.beatTimer ??= clock.schedule(BEAT_MS, () => this.beat());
    return follower;
  }

  /** @throws CoscribeError `document-full` */
  private count(id: DocumentId): FollowedHere {
    const { clock, limits } = this.options;
    const here = this.documents.get(id) ?? { followers: 0, presence: new PresenceLine(clock) };
    if (here.followers >= limits.maxFollowersPerDocument)
      throw new CoscribeError('document-full', `${limits.maxFollowersPerDocument} followers on this server`);
    here.followers++;
    this.documents.set(id, here);
    return here;
  }

  private uncount(id: DocumentId): void {
    const here = this.documents.get(id);
    if (here === undefined || --here.followers > 0) return;
    this.documents.delete(id);
  }

  private placeOf(id: DocumentId, what: Followed): Place {
    // Neither a document's name nor the form has a space; what is after the second one is the root.
    const key = `${id} ${what.as}${what.root === undefined ? '' : ` ${what.root}`}`;
    const place = this.places.get(key) ?? { key, hub: new Hub({ id, what, ...this.options }), holders: 0 };
    this.places.set(key, place);
    this.idle.delete(place);
    place.holders++;
    return place;
  }

  private leave(place: Place): void {
    place.holders--;
    if (place.holders > 0) return;
    if (place.hub.isOpen) this.idle.add(place);
    else this.close(place);
  }

  private close(place: Place): void {
    this.places.delete(place.key);
    place.hub.close();
  }

  private lookAfter(follower: EventFollower): void {
    this.stalled.add(follower);
    this.lookTimer ??= this.options.clock.schedule(LOOK_EVERY_MS, () => this.look());
  }

  private look(): void {
    const { clock } = this.options;
    this.lookTimer = undefined;
    const now = clock.monotonic();
    for (const follower of [...this.stalled]) if (!follower.lookAfter(now)) this.stalled.delete(follower);
    if (this.stalled.size > 0) this.lookTimer ??= clock.schedule(LOOK_EVERY_MS, () => this.look());
  }

  private beat(): void {
    this.beatTimer = undefined;
    this.beats.request();
    if (this.followers.size > 0) this.beatTimer = this.options.clock.schedule(BEAT_MS, () => this.beat());
  }
}
