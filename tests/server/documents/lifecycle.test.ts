import { describe, expect, test } from '@jest/globals';
import { type LifeEvent, type LifeState, nextLife } from '../../../server/documents/lifecycle.js';

/** The whole table as people read it: `next` or `next/action`; a dash for what cannot happen. */
const TABLE: Record<LifeState, Record<LifeEvent, string>> = {
  closed: {
    open: 'loading/load',
    loaded: '-',
    'load-failed': '-',
    joined: '-',
    'last-left': '-',
    'idle-timeout': '-',
    broken: '-',
    unloaded: '-',
  },
  loading: {
    open: 'loading',
    loaded: 'idle/start-idle-timer',
    'load-failed': 'closed/forget',
    joined: '-',
    'last-left': '-',
    'idle-timeout': '-',
    broken: '-',
    unloaded: '-',
  },
  idle: {
    open: 'idle',
    loaded: '-',
    'load-failed': '-',
    joined: 'open/stop-idle-timer',
    'last-left': '-',
    'idle-timeout': 'unloading/unload',
    broken: 'unloading/unload',
    unloaded: '-',
  },
  open: {
    open: 'open',
    loaded: '-',
    'load-failed': '-',
    joined: 'open',
    'last-left': 'idle/start-idle-timer',
    'idle-timeout': '-',
    broken: 'unloading/unload',
    unloaded: '-',
  },
  unloading: {
    open: 'reopening/load-after-unload',
    loaded: '-',
    'load-failed': '-',
    joined: '-',
    'last-left': 'unloading',
    'idle-timeout': '-',
    broken: 'unloading',
    unloaded: 'closed/forget',
  },
  reopening: {
    open: 'reopening',
    loaded: '-',
    'load-failed': '-',
    joined: '-',
    'last-left': 'reopening',
    'idle-timeout': '-',
    broken: 'reopening',
    unloaded: 'loading',
  },
};

const CASES = Object.entries(TABLE).flatMap(([state, row]) =>
  Object.entries(row).map(([event, expected]) => [state as LifeState, event as LifeEvent, expected] as const),
);

describe('the life of a document', () => {
  test.each(CASES)('[LIFE1] %s meets %s: %s', (state, event, expected) => {
    if (expected === '-') {
      expect(() => nextLife(state, event)).toThrow(RangeError);
      return;
    }
    const { next, action } = nextLife(state, event);
    expect(action === undefined ? next : `${next}/${action}`).toBe(expected);
  });
});
