/** Does one thing after the other, each when the one before it has ended, however that ended. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Settles as the work does. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => {});
    return turn;
  }
}
