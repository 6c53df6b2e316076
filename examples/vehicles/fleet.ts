export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Where a van is, written by the server. */
export interface Van extends Place {
  /** Degrees, clockwise from the right. */
  readonly heading: number;
}

export const WIDTH = 1000;
export const HEIGHT = 600;
