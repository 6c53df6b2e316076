/** Something in a document that is followed. */
export interface Follow {
  /**
   * What has happened to it since the last question, as JSON.
   *
   * @returns `undefined` if nothing has
   * @throws CoscribeError `wrong-type` if it is something else by now
   */
  news(): string | undefined;
  /** What it is now, as JSON. */
  shown(): string;
  stop(): void;
}
