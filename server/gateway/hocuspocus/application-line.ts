/** Messages to the application that may wait for one another. */
const MAX_WAITING = 16;

/** Tells the application what a client says beside the document, one message after the other. */
export class ApplicationLine {
  private last: Promise<void> | undefined;
  private waiting = 0;

  /** @param answer sends the application's answer to the client */
  constructor(private readonly answer: (payload: string) => void) {}

  /** What is too much, or comes at the wrong time, is passed over. @param tell gives the application's answer */
  say(tell: () => Promise<string | undefined>): void {
    if (this.waiting >= MAX_WAITING) return;
    this.waiting++;
    this.last = (this.last ?? Promise.resolve()).then(async () => {
      try {
        const answer = await tell();
        if (answer !== undefined) this.answer(answer);
      } catch {
        // Nobody waits for it, and what the application did wrong is in the log.
      }
      this.waiting--;
    });
  }
}
