import type {
  DocumentCopies,
  Followed,
  FollowedChange,
  Follower,
  Following,
  Viewed,
} from '../../server/copies/copies.js';
import type { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';

/** Something that is followed, in the test's hands. */
export class FakeFollowing {
  seq: number;
  before: readonly FollowedChange[] = [];
  since: number;
  looks = 0;
  stopped = false;
  /** While set, nobody is shown anything. */
  lookError: CoscribeError | undefined;

  constructor(
    readonly id: DocumentId,
    readonly what: Followed,
    readonly follower: Follower,
    readonly generation: string,
    /** As JSON. */
    public body: string,
    seq: number,
  ) {
    this.seq = seq;
    this.since = seq;
  }

  /** Committed rows up to `seq` changed it. */
  change(json: unknown, { seq = this.seq + 1, from = this.seq, body = this.body } = {}): void {
    this.seq = seq;
    this.body = body;
    this.follower.changed([{ from, seq, json: JSON.stringify(json) }]);
  }

  end(error: CoscribeError): void {
    this.follower.ended(error);
  }

  view(): Viewed {
    return { generation: this.generation, seq: this.seq, body: Buffer.from(this.body) };
  }
}

/** Documents of which a test says what is in them and what happens to them. */
export class FakeCopies implements DocumentCopies {
  readonly followings: FakeFollowing[] = [];
  /** While set, nothing can be followed. */
  error: CoscribeError | undefined;
  generation = 'generation-1';
  body = '{"text":""}';
  seq = 0;
  before: readonly FollowedChange[] = [];
  since: number | undefined;

  /** What is followed now. */
  get latest(): FakeFollowing {
    const latest = this.followings.at(-1);
    if (latest === undefined) throw new Error('nothing is followed');
    return latest;
  }

  async follow(id: DocumentId, what: Followed, follower: Follower): Promise<Following> {
    if (this.error !== undefined) throw this.error;
    const made = new FakeFollowing(id, what, follower, this.generation, this.body, this.seq);
    this.followings.push(made);
    return {
      ...made.view(),
      before: this.before,
      since: this.since ?? this.seq,
      async look() {
        made.looks++;
        if (made.lookError !== undefined) throw made.lookError;
        return made.view();
      },
      stop() {
        made.stopped = true;
      },
    };
  }

  view(): Promise<never> {
    throw new Error('nobody views anything here');
  }

  letGo(): void {}

  change(): Promise<never> {
    throw new Error('nobody changes anything here');
  }

  async close(): Promise<void> {}
}
