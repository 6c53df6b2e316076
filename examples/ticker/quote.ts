/** What a share costs, in cents. */
export interface Quote {
  readonly cents: number;
  /** In the morning. */
  readonly opened: number;
}
