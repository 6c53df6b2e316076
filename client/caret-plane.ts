/** In CSS pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly left: number;
  readonly top: number;
}

/** How far the probes are from one another: so far that a layout unit of 1/64 pixel does not count. */
const REACH = 1_000;

/**
 * What lies between an element's own pixels and those of the window: zoom, and what transforms of its ancestors do,
 * as far as parallel lines stay parallel (no perspective). Three empty elements tell it, because `getBoundingClientRect`
 * of an empty element is a point.
 */
export class Plane {
  readonly #origin: Point;
  /** Where a step of one pixel to the right, and one down, leads in the window. */
  readonly #right: Point;
  readonly #down: Point;

  private constructor(origin: Point, right: Point, down: Point) {
    this.#origin = origin;
    this.#right = right;
    this.#down = down;
  }

  /** Elements for `read`, to be put at the corner of the element whose plane is wanted. */
  static probes(page: Document): HTMLElement[] {
    return [
      [0, 0],
      [REACH, 0],
      [0, REACH],
    ].map(([left, top]) => {
      const probe = page.createElement('div');
      const style = { position: 'absolute', left: `${left}px`, top: `${top}px`, width: '0', height: '0' };
      for (const [name, value] of Object.entries(style)) probe.style.setProperty(name, value);
      return probe;
    });
  }

  static read(probes: readonly HTMLElement[]): Plane {
    const none = { left: 0, top: 0 };
    const [origin = none, right = none, down = none] = probes.map((probe) => probe.getBoundingClientRect());
    const step = (to: Point) => ({
      left: (to.left - origin.left) / REACH,
      top: (to.top - origin.top) / REACH,
    });
    return new Plane(origin, step(right), step(down));
  }

  /** Whether it is neither turned nor slanted. */
  get upright(): boolean {
    const slant = Math.abs(this.#right.top) + Math.abs(this.#down.left);
    return slant < 1e-3 && this.#right.left > 0 && this.#down.top > 0;
  }

  /** A place in the window, in the element's own pixels. */
  toLocal({ left, top }: Point): Point {
    return this.#unturn({ left: left - this.#origin.left, top: top - this.#origin.top });
  }

  /** A rectangle of the window in the element's own pixels; only where the plane is upright. */
  boxToLocal(rect: Box): Box {
    const corner = this.toLocal(rect);
    const end = this.toLocal({ left: rect.left + rect.width, top: rect.top + rect.height });
    return { ...corner, width: end.left - corner.left, height: end.top - corner.top };
  }

  /**
   * Where a box of the same plane is, with fractions of a pixel.
   * @param rect its bounding rectangle in the window
   * @param about its size in whole pixels
   */
  place(rect: Box, about: { readonly width: number; readonly height: number }): Box {
    const { width, height } = this.#size(rect) ?? about;
    const centre = this.toLocal({ left: rect.left + rect.width / 2, top: rect.top + rect.height / 2 });
    return { left: centre.left - width / 2, top: centre.top - height / 2, width, height };
  }

  /** The size of a box by the size of its bounding rectangle; a square turned by 45° does not tell its sides. */
  #size(rect: Box): { width: number; height: number } | undefined {
    const [a, b, c, d] = [this.#right.left, this.#down.left, this.#right.top, this.#down.top].map(Math.abs);
    if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
    const area = a * d - b * c;
    if (Math.abs(area) < 0.1 * (a * d + b * c) || area === 0) return undefined;
    return {
      width: (rect.width * d - rect.height * b) / area,
      height: (rect.height * a - rect.width * c) / area,
    };
  }

  #unturn({ left, top }: Point): Point {
    const area = this.#right.left * this.#down.top - this.#down.left * this.#right.top;
    // Scaled down to nothing: there is nothing to see either.
    if (area === 0) return { left: 0, top: 0 };
    return {
      left: (left * this.#down.top - top * this.#down.left) / area,
      top: (top * this.#right.left - left * this.#right.top) / area,
    };
  }
}
