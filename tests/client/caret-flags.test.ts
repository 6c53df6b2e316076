import { describe, expect, test } from '@jest/globals';
import { placeFlags } from '../../client/caret-flags.js';
import type { Box, Point } from '../../client/caret-plane.js';
import { readableOn } from '../../client/caret-styles.js';

const ROOM: Box = { left: 0, top: 0, width: 300, height: 200 };

function caret(left: number, top: number): Box {
  return { left, top, width: 0, height: 18 };
}

function wish(at: Box, width = 60): { caret: Box; width: number; height: number } {
  return { caret: at, width, height: 16 };
}

function only(places: readonly (Point | undefined)[]): Point {
  const [place] = places;
  if (place === undefined || places.length !== 1) throw new Error(`not one place: ${places.length}`);
  return place;
}

describe('where names are', () => {
  test('[CARET10] above the caret, and below it in the first line', () => {
    expect(only(placeFlags([wish(caret(50, 100))], ROOM))).toMatchObject({ left: 49, top: 84 });
    expect(only(placeFlags([wish(caret(50, 4))], ROOM))).toMatchObject({ left: 49, top: 22 });
  });

  test('[CARET10] within what can be seen, on all sides', () => {
    for (const left of [0, 1, 150, 290, 300]) {
      for (const top of [0, 90, 182, 190]) {
        const place = only(placeFlags([wish(caret(left, top))], ROOM));
        expect(place.left).toBeGreaterThanOrEqual(0);
        expect(place.left + 60).toBeLessThanOrEqual(300);
        expect(place.top).toBeGreaterThanOrEqual(0);
        expect(place.top + 16).toBeLessThanOrEqual(200);
      }
    }
  });

  test('[CARET10] nowhere for a caret that is out of view', () => {
    const hidden = [caret(-3, 50), caret(303, 50), caret(50, -30), caret(50, 203)].map((at) => wish(at));
    expect(placeFlags(hidden, ROOM)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('[CARET10] several at one place stand one above the other', () => {
    const places = placeFlags(
      Array.from({ length: 8 }, () => wish(caret(100, 90))),
      ROOM,
    );
    const boxes = places.map((place) => ({ left: 0, top: 0, ...place }));
    for (const [at, { left, top }] of boxes.entries()) {
      const covered = boxes
        .slice(at + 1)
        .filter((other) => Math.abs(other.left - left) < 60 && Math.abs(other.top - top) < 16);
      expect(covered).toEqual([]);
    }
  });

  test('[CARET10] not over the line of one’s own caret', () => {
    expect(only(placeFlags([wish(caret(50, 100))], ROOM, caret(200, 82))).top).toBe(118);
    // In the first line, with one's own caret in the second: beside the caret.
    const place = only(placeFlags([wish(caret(50, 0))], ROOM, caret(200, 18)));
    expect(place.left).toBeGreaterThan(50);
    expect(place.top + 16).toBeLessThanOrEqual(18);
  });

  test('[CARET10] in an <input>, which has room for one line, beside the caret', () => {
    const place = only(placeFlags([wish(caret(50, 1))], { ...ROOM, height: 20 }));
    expect(place).toMatchObject({ left: 53, top: 2 });
  });
});

test('[CARET11] a name is readable on every colour: at least 4.5 to 1', () => {
  const linear = (part: number): number => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const luminance = (color: string): number =>
    [0.2126, 0.7152, 0.0722].reduce(
      (sum, weight, at) =>
        sum + weight * linear(Number.parseInt(color.slice(1 + 2 * at, 3 + 2 * at), 16) / 255),
      0,
    );
  const steps = Array.from({ length: 18 }, (_, step) => (step * 15).toString(16).padStart(2, '0'));
  for (const red of steps) {
    for (const green of steps) {
      for (const blue of steps) {
        const color = `#${red}${green}${blue}`;
        const [dark = 0, light = 0] = [luminance(color), luminance(readableOn(color))].sort((a, b) => a - b);
        if ((light + 0.05) / (dark + 0.05) < 4.5) throw new Error(color);
      }
    }
  }
});
