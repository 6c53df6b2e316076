const FIRST_ROOM = 64;
const MAX_ROOM = 16_384;
/** An edit that is younger has not arrived everywhere yet, perhaps; in milliseconds. */
const KEPT_MS = 60_000;
/** In place of a time: how long it took does not count. */
export const UNTIMED = Number.NEGATIVE_INFINITY;
/** How far back the end of what was deleted is looked for. */
const LOOK_BACK = 512;

/**
 * When the last edits of one person were due: for the time until they are acknowledged and until they arrive. Remembers at
 * least a minute of them, and those that are not acknowledged, up to 16,384; older ones arrive without a time.
 */
export class EditTimes {
  /** Edits so far; the number of the next one. */
  count = 0;
  /** Edits with lower numbers are acknowledged. */
  acked = 0;
  #due = new Float64Array(FIRST_ROOM);
  /** The author's clock after the edit: never falls from one to the next. */
  #clock = new Int32Array(FIRST_ROOM);
  /** The first clock that it deleted, if it has only deleted; -1 otherwise. */
  #deleted = new Int32Array(FIRST_ROOM);

  /** @param deleted first clock of what was deleted, of an edit that does nothing else; otherwise -1 */
  add(due: number, clock: number, deleted: number): void {
    this.#makeRoom(due);
    const at = this.count++ & (this.#due.length - 1);
    this.#due[at] = due;
    this.#clock[at] = clock;
    this.#deleted[at] = deleted;
  }

  /** When the edit was due; `undefined` if that is forgotten, or does not count. */
  dueOf(edit: number): number | undefined {
    if (edit < this.#oldest || edit >= this.count) return undefined;
    const due = this.#due[this.#place(edit)];
    return due === UNTIMED ? undefined : due;
  }

  /** How long those take that are not acknowledged yet says nothing about the server. */
  excuse(): void {
    const oldest = Math.max(this.acked, this.#oldest);
    for (let edit = oldest; edit < this.count; edit++) this.#due[this.#place(edit)] = UNTIMED;
  }

  /** Adds to `dues` when the edits were due that end within these clocks. @returns their number, as far as it is known */
  insertsIn(clock: number, length: number, dues: number[]): number {
    let low = this.#oldest;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#clock[this.#place(middle)] ?? 0) > clock) high = middle;
      else low = middle + 1;
    }
    let found = 0;
    for (; low < this.count; low++) {
      const at = this.#place(low);
      if ((this.#clock[at] ?? 0) > clock + length) break;
      if (this.#deleted[at] !== -1) continue;
      this.#tell(at, dues);
      found++;
    }
    return found;
  }

  /** The same for edits that only deleted, and began to within these clocks. */
  deletesIn(clock: number, length: number, dues: number[]): number {
    const end = Math.max(this.#oldest, this.count - LOOK_BACK);
    let found = 0;
    for (let edit = this.count - 1; edit >= end; edit--) {
      const at = this.#place(edit);
      const deleted = this.#deleted[at] ?? -1;
      if (deleted < clock || deleted >= clock + length) continue;
      this.#tell(at, dues);
      if (++found === length) break;
    }
    return found;
  }

  #tell(at: number, dues: number[]): void {
    const due = this.#due[at] ?? UNTIMED;
    if (due !== UNTIMED) dues.push(due);
  }

  get #oldest(): number {
    return Math.max(0, this.count - this.#due.length);
  }

  #place(edit: number): number {
    return edit & (this.#due.length - 1);
  }

  #makeRoom(now: number): void {
    const room = this.#due.length;
    if (this.count < room || room === MAX_ROOM) return;
    const oldest = this.#oldest;
    if (oldest >= this.acked || now - (this.#due[this.#place(oldest)] ?? 0) < KEPT_MS) {
      this.#due = this.#moved(this.#due, new Float64Array(2 * room));
      this.#clock = this.#moved(this.#clock, new Int32Array(2 * room));
      this.#deleted = this.#moved(this.#deleted, new Int32Array(2 * room));
    }
  }

  #moved<T extends Float64Array | Int32Array>(from: T, to: T): T {
    for (let edit = Math.max(0, this.count - from.length); edit < this.count; edit++) {
      to[edit & (to.length - 1)] = from[edit & (from.length - 1)] ?? 0;
    }
    return to;
  }
}
