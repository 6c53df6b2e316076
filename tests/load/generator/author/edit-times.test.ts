import { describe, expect, test } from '@jest/globals';
import { EditTimes, UNTIMED } from '../../../../load/generator/author/edit-times.js';

function found(run: (dues: number[]) => number): [number, number[]] {
  const dues: number[] = [];
  return [run(dues), dues];
}

describe('when edits were due', () => {
  test('[LOADGEN6] an edit is found by what it wrote or deleted', () => {
    const times = new EditTimes();
    times.add(1, 1, -1);
    times.add(2, 21, -1);
    times.add(3, 21, 4);
    times.add(4, 22, -1);
    expect(found((dues) => times.insertsIn(0, 1, dues))).toEqual([1, [1]]);
    expect(found((dues) => times.insertsIn(0, 22, dues))).toEqual([3, [1, 2, 4]]);
    // The paste is there when its end is.
    expect(found((dues) => times.insertsIn(1, 10, dues))).toEqual([0, []]);
    expect(found((dues) => times.deletesIn(0, 10, dues))).toEqual([1, [3]]);
    expect(found((dues) => times.deletesIn(5, 10, dues))).toEqual([0, []]);
  });

  test('[LOADGEN6] those of the last minute and those without an answer are remembered, within a bound', () => {
    const times = new EditTimes();
    for (let edit = 0; edit < 40_000; edit++) {
      times.add(edit, edit + 1, -1);
      if (edit < 10_000) times.acked = edit;
    }
    expect(times.dueOf(39_999)).toBe(39_999);
    expect(times.dueOf(40_000 - 16_384)).toBe(40_000 - 16_384);
    expect(times.dueOf(40_000 - 16_385)).toBeUndefined();
    expect(found((dues) => times.insertsIn(39_998, 2, dues))).toEqual([2, [39_998, 39_999]]);
    const slow = new EditTimes();
    for (let edit = 0; edit < 1_000; edit++) {
      slow.add(edit * 10_000, edit + 1, -1);
      slow.acked = edit;
    }
    expect(slow.dueOf(999 - 63)).toBe((999 - 63) * 10_000);
    expect(slow.dueOf(999 - 64)).toBeUndefined();
  });

  test('[LOADGEN6] what is typed without a network, as planned, counts without a time', () => {
    const times = new EditTimes();
    times.add(1, 1, -1);
    times.acked = 1;
    times.add(2, 2, -1);
    times.excuse();
    times.add(UNTIMED, 3, -1);
    expect([0, 1, 2].map((edit) => times.dueOf(edit))).toEqual([1, undefined, undefined]);
    expect(found((dues) => times.insertsIn(0, 3, dues))).toEqual([3, [1]]);
  });
});
