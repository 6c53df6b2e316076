/**
 * The provider's connection as a table without any I/O.
 *
 *   paused ──connect──▶ connecting ──opened──▶ joining ──joined──▶ live
 *                        ▲      │                 │ ▲               │
 *               retry-due│      │ closed, later   │ └─interrupted───┤
 *                        │      ▼                 ▼                 │
 *                       waiting ◀──────────── closed, later ────────┘
 *
 * `denied` is reached from everywhere by a refusal for good, `paused` by `disconnect`, `destroyed` by `destroy`; the
 * first two are left by `connect`. `diverged` is reached from `joining` and `live` when the copy turns out to show something
 * else than the document: it is never sent anywhere again, and only `destroy` leads out. `later` is a refusal that may pass: the
 * server is stopping, cannot save, …. `again` leads back to `connecting` at once, from there, `joining` and `live`: the
 * token was refused, and there may be another one.
 */
export type ConnectionState =
  | 'paused'
  | 'connecting'
  | 'joining'
  | 'live'
  | 'waiting'
  | 'denied'
  | 'diverged'
  | 'destroyed';

export type ConnectionEvent =
  | 'connect'
  | 'disconnect'
  | 'destroy'
  | 'opened'
  | 'closed'
  | 'joined'
  | 'interrupted'
  | 'later'
  | 'again'
  | 'denied'
  | 'diverged'
  | 'retry-due';

/** `wait`: close the channel and come back after a pause. `reopen`: close it and open it at once. */
export type ConnectionAction = 'open' | 'join' | 'close' | 'wait' | 'reopen';

export interface ConnectionStep {
  readonly next: ConnectionState;
  readonly action?: ConnectionAction;
}

type Row = Record<ConnectionEvent, ConnectionStep>;

function row(here: ConnectionState, steps: Partial<Row>): Row {
  const stay: ConnectionStep = { next: here };
  return {
    connect: stay,
    disconnect: { next: 'paused', action: 'close' },
    destroy: { next: 'destroyed', action: 'close' },
    opened: stay,
    closed: stay,
    joined: stay,
    interrupted: stay,
    later: stay,
    again: stay,
    denied: { next: 'denied', action: 'close' },
    diverged: stay,
    'retry-due': stay,
    ...steps,
  };
}

const OPEN: ConnectionStep = { next: 'connecting', action: 'open' };
const JOIN: ConnectionStep = { next: 'joining', action: 'join' };
const DIVERGED: ConnectionStep = { next: 'diverged', action: 'close' };
const WAIT: ConnectionStep = { next: 'waiting', action: 'wait' };

const AGAIN: ConnectionStep = { next: 'connecting', action: 'reopen' };

const TABLE: Record<ConnectionState, Row> = {
  paused: row('paused', { connect: OPEN, denied: { next: 'paused' } }),
  connecting: row('connecting', { opened: JOIN, closed: WAIT, later: WAIT, again: AGAIN }),
  joining: row('joining', {
    joined: { next: 'live' },
    closed: WAIT,
    later: WAIT,
    again: AGAIN,
    diverged: DIVERGED,
  }),
  live: row('live', {
    interrupted: JOIN,
    closed: WAIT,
    later: WAIT,
    again: AGAIN,
    diverged: DIVERGED,
  }),
  waiting: row('waiting', { connect: OPEN, 'retry-due': OPEN }),
  denied: row('denied', { connect: OPEN }),
  diverged: row('diverged', { disconnect: { next: 'diverged' }, denied: { next: 'diverged' } }),
  destroyed: row('destroyed', {
    disconnect: { next: 'destroyed' },
    destroy: { next: 'destroyed' },
    denied: { next: 'destroyed' },
  }),
};

export function nextConnection(state: ConnectionState, event: ConnectionEvent): ConnectionStep {
  return TABLE[state][event];
}

/**
 * What people are told. `connecting`: on the way. `synced`: has everything that the server has, and sends as it goes.
 * `offline`: no connection; it tries again by itself unless `disconnect` was called. `denied`: the server refused for
 * good. `diverged`: this copy shows something else than the document; a new one has to take its place. `destroyed`: the
 * end.
 */
export type ProviderStatus = 'connecting' | 'synced' | 'offline' | 'denied' | 'diverged' | 'destroyed';

/** @param failures attempts in a row that came to nothing */
export function statusOf(state: ConnectionState, failures: number): ProviderStatus {
  switch (state) {
    case 'live':
      return 'synced';
    case 'joining':
      return 'connecting';
    case 'connecting':
      return failures === 0 ? 'connecting' : 'offline';
    case 'paused':
    case 'waiting':
      return 'offline';
    default:
      return state;
  }
}
