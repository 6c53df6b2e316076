/** Whether something that is needed works, and since when. */
export class Weather {
  #outage = false;
  #clearSince = Number.NEGATIVE_INFINITY;

  constructor(private readonly now: () => number) {}

  /** While there is an outage, every operation fails. */
  get outage(): boolean {
    return this.#outage;
  }

  set outage(outage: boolean) {
    if (this.#outage && !outage) this.#clearSince = this.now();
    this.#outage = outage;
  }

  /** When the last outage ended, in milliseconds; infinite while there is one. */
  get clearSince(): number {
    return this.#outage ? Number.POSITIVE_INFINITY : this.#clearSince;
  }
}
