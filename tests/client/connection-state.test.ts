import { describe, expect, test } from '@jest/globals';
import {
  type ConnectionEvent,
  type ConnectionState,
  nextConnection,
  type ProviderStatus,
  statusOf,
} from '../../client/connection-state.js';

/** The whole table: `next`, or `next/action`; a dot for "nothing happens". */
const TABLE: Record<ConnectionState, Record<ConnectionEvent, string>> = {
  paused: {
    connect: 'connecting/open',
    disconnect: 'paused/close',
    destroy: 'destroyed/close',
    opened: '.',
    closed: '.',
    joined: '.',
    interrupted: '.',
    later: '.',
    again: '.',
    denied: '.',
    diverged: '.',
    'retry-due': '.',
  },
  connecting: {
    connect: '.',
    disconnect: 'paused/close',
    destroy: 'destroyed/close',
    opened: 'joining/join',
    closed: 'waiting/wait',
    joined: '.',
    interrupted: '.',
    later: 'waiting/wait',
    again: 'connecting/reopen',
    denied: 'denied/close',
    diverged: '.',
    'retry-due': '.',
  },
  joining: {
    connect: '.',
    disconnect: 'paused/close',
    destroy: 'destroyed/close',
    opened: '.',
    closed: 'waiting/wait',
    joined: 'live',
    interrupted: '.',
    later: 'waiting/wait',
    again: 'connecting/reopen',
    denied: 'denied/close',
    diverged: 'diverged/close',
    'retry-due': '.',
  },
  live: {
    connect: '.',
    disconnect: 'paused/close',
    destroy: 'destroyed/close',
    opened: '.',
    closed: 'waiting/wait',
    joined: '.',
    interrupted: 'joining/join',
    later: 'waiting/wait',
    again: 'connecting/reopen',
    denied: 'denied/close',
    diverged: 'diverged/close',
    'retry-due': '.',
  },
  waiting: {
    connect: 'connecting/open',
    disconnect: 'paused/close',
    destroy: 'destroyed/close',
    opened: '.',
    closed: '.',
    joined: '.',
    interrupted: '.',
    later: '.',
    again: '.',
    denied: 'denied/close',
    diverged: '.',
    'retry-due': 'connecting/open',
  },
  denied: {
    connect: 'connecting/open',
    disconnect: 'paused/close',
    destroy: 'destroyed/close',
    opened: '.',
    closed: '.',
    joined: '.',
    interrupted: '.',
    later: '.',
    again: '.',
    denied: 'denied/close',
    diverged: '.',
    'retry-due': '.',
  },
  diverged: {
    connect: '.',
    disconnect: '.',
    destroy: 'destroyed/close',
    opened: '.',
    closed: '.',
    joined: '.',
    interrupted: '.',
    later: '.',
    again: '.',
    denied: '.',
    diverged: '.',
    'retry-due': '.',
  },
  destroyed: {
    connect: '.',
    disconnect: '.',
    destroy: '.',
    opened: '.',
    closed: '.',
    joined: '.',
    interrupted: '.',
    later: '.',
    again: '.',
    denied: '.',
    diverged: '.',
    'retry-due': '.',
  },
};

const CASES = Object.entries(TABLE).flatMap(([state, row]) =>
  Object.entries(row).map(
    ([event, step]) => [state as ConnectionState, event as ConnectionEvent, step] as const,
  ),
);

const STATUS: [ConnectionState, number, ProviderStatus][] = [
  ['paused', 0, 'offline'],
  ['connecting', 0, 'connecting'],
  ['connecting', 1, 'offline'],
  ['joining', 0, 'connecting'],
  ['joining', 3, 'connecting'],
  ['live', 0, 'synced'],
  ['waiting', 1, 'offline'],
  ['denied', 0, 'denied'],
  ['diverged', 0, 'diverged'],
  ['destroyed', 0, 'destroyed'],
];

describe('the connection of a provider', () => {
  test.each(CASES)('[PROV1] %s meets %s: %s', (state, event, expected) => {
    const { next, action } = nextConnection(state, event);
    const said = action === undefined ? next : `${next}/${action}`;
    expect(said).toBe(expected === '.' ? state : expected);
  });

  test.each(STATUS)('[PROV2] %s after %i failures is called %s', (state, failures, status) => {
    expect(statusOf(state, failures)).toBe(status);
  });
});
