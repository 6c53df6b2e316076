import type { CoscribeError } from '../../shared/errors.js';
import type { FollowedChange } from '../workers/copy-work.js';
import type { Follower } from './copies.js';

/** A follower who hears nothing before it is known that he will: if the beginning fails, he may begin again with another copy. */
export class BegunFollower implements Follower {
  private hasBegun = false;
  private isOver = false;
  private early: FollowedChange[] = [];

  /** @param onMistake the follower has thrown: he hears nothing more, and nobody else suffers */
  constructor(
    private readonly follower: Follower,
    private readonly onMistake: (error: unknown) => void,
  ) {}

  begin(): void {
    this.hasBegun = true;
    const { early } = this;
    this.early = [];
    if (early.length > 0) this.changed(early);
  }

  changed(changes: readonly FollowedChange[]): void {
    if (this.hasBegun) this.tell(() => this.follower.changed(changes));
    else this.early.push(...changes);
  }

  ended(error: CoscribeError): void {
    if (this.hasBegun) this.tell(() => this.follower.ended(error));
    this.isOver = true;
  }

  private tell(tell: () => void): void {
    if (this.isOver) return;
    try {
      tell();
    } catch (error) {
      this.isOver = true;
      this.onMistake(error);
    }
  }
}
