export interface Vitals {
  /** Beats a minute. */
  readonly pulse: number;
  /** Per cent. */
  readonly oxygen: number;
}

export interface Alarm {
  readonly words: string;
  /** Milliseconds since the Unix epoch, by the server's clock. */
  readonly at: number;
  /** Who has taken it on, once somebody has. */
  readonly by?: string;
}

/** Values of the curve, from -1 to 1, that are kept: eight seconds. */
export const SAMPLES = 400;
