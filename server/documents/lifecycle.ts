/**
 * The life of a document on one node, as a table without any I/O.
 *
 *            open            loaded           joined
 *   closed ────────▶ loading ──────▶ idle ◀───────────▶ open
 *     ▲                 │              │     last-left    │
 *     │      load-failed│              │idle-timeout      │broken
 *     │                 ▼              ▼                  │
 *     ├───────────── (closed)      unloading ◀────────────┘
 *     │ unloaded                     │    │ open
 *     └──────────────────────────────┘    ▼
 *                      loading ◀────── reopening
 *                               unloaded
 *
 * A load that failed leaves nothing behind: the next opener loads again, and nobody ever works on an empty
 * stand-in. An opener during an unload waits until the old copy is gone.
 */
export type LifeState = 'closed' | 'loading' | 'idle' | 'open' | 'unloading' | 'reopening';

export type LifeEvent =
  | 'open'
  | 'loaded'
  | 'load-failed'
  | 'joined'
  | 'last-left'
  | 'idle-timeout'
  | 'broken'
  | 'unloaded';

/** What the owner of the state has to do when a transition says so. */
export type LifeAction =
  | 'load'
  | 'load-after-unload'
  | 'start-idle-timer'
  | 'stop-idle-timer'
  | 'unload'
  | 'forget';

export interface Transition {
  readonly next: LifeState;
  readonly action?: LifeAction;
}

const stay = (next: LifeState): Transition => ({ next });

/** `undefined` marks an event that cannot happen in that state; meeting it is a bug, not an outside fault. */
const TABLE: Record<LifeState, Record<LifeEvent, Transition | undefined>> = {
  closed: {
    open: { next: 'loading', action: 'load' },
    loaded: undefined,
    'load-failed': undefined,
    joined: undefined,
    'last-left': undefined,
    'idle-timeout': undefined,
    broken: undefined,
    unloaded: undefined,
  },
  loading: {
    open: stay('loading'),
    loaded: { next: 'idle', action: 'start-idle-timer' },
    'load-failed': { next: 'closed', action: 'forget' },
    joined: undefined,
    'last-left': undefined,
    'idle-timeout': undefined,
    broken: undefined,
    unloaded: undefined,
  },
  idle: {
    open: stay('idle'),
    loaded: undefined,
    'load-failed': undefined,
    joined: { next: 'open', action: 'stop-idle-timer' },
    'last-left': undefined,
    'idle-timeout': { next: 'unloading', action: 'unload' },
    broken: { next: 'unloading', action: 'unload' },
    unloaded: undefined,
  },
  open: {
    open: stay('open'),
    loaded: undefined,
    'load-failed': undefined,
    joined: stay('open'),
    'last-left': { next: 'idle', action: 'start-idle-timer' },
    'idle-timeout': undefined,
    broken: { next: 'unloading', action: 'unload' },
    unloaded: undefined,
  },
  unloading: {
    open: { next: 'reopening', action: 'load-after-unload' },
    loaded: undefined,
    'load-failed': undefined,
    joined: undefined,
    // The sessions of a broken document leave while it is being put away.
    'last-left': stay('unloading'),
    'idle-timeout': undefined,
    broken: stay('unloading'),
    unloaded: { next: 'closed', action: 'forget' },
  },
  reopening: {
    open: stay('reopening'),
    loaded: undefined,
    'load-failed': undefined,
    joined: undefined,
    'last-left': stay('reopening'),
    'idle-timeout': undefined,
    broken: stay('reopening'),
    unloaded: stay('loading'),
  },
};

/** @throws RangeError if the event cannot happen in that state */
export function nextLife(state: LifeState, event: LifeEvent): Transition {
  const transition = TABLE[state][event];
  if (transition === undefined) throw new RangeError(`a document that is ${state} met "${event}"`);
  return transition;
}
