import { GuardedAccess } from '../../server/auth/guarded-access.js';
import { openAccess } from '../../server/auth/open-access.js';
import type { Bus } from '../../server/cluster/bus.js';
import { LocalBus } from '../../server/cluster/local-bus.js';
import { Documents } from '../../server/documents/documents.js';
import { Purges } from '../../server/documents/purges.js';
import type { DocumentServices } from '../../server/documents/services.js';
import type { Session } from '../../server/documents/session.js';
import { UNCOUNTED } from '../../server/telemetry/counters.js';
import { compactUpdates } from '../../server/workers/compact-updates.js';
import { diffState } from '../../server/workers/diff-state.js';
import { hashUpdates } from '../../server/workers/hash-updates.js';
import { verifyUpdates } from '../../server/workers/verify-updates.js';
import { CoscribeError } from '../../shared/errors.js';
import { splitUpdate } from '../../shared/update-split.js';
import { serverLog } from './server-log.js';
import { StoreLayer } from './store-layer.js';
import type { ProcessClock } from './timeline.js';
import type { Weather } from './weather.js';
import type { Wire } from './wire.js';
import type { World } from './world.js';

const CRDT_WORK_FAILS = 0.05;
const KEEP_DELETED_MS = 30 * 86_400_000;

/** One life of a server process. */
export interface Life {
  readonly documents: Documents;
  readonly bus: Bus;
  readonly clock: ProcessClock;
  readonly store: StoreLayer;
  readonly wires: Set<Wire>;
  readonly purges: Purges | undefined;
  readonly sessions: WeakMap<object, Session>;
  /** It lets people in. */
  ready: boolean;
  over: boolean;
}

interface LifeFacts {
  /** Of the node. */
  readonly name: string;
  /** Which of its lives this is. */
  readonly number: number;
  /** How wrong its wall clock is, in milliseconds. */
  readonly skew: number;
  /** Of its line to the disk. */
  readonly weather: Weather;
  readonly createLog: DocumentServices['createLog'] | undefined;
}

/** Makes what a server process consists of. It does nothing yet. */
export function beginLife(world: World, { name, number, skew, weather, createLog }: LifeFacts): Life {
  const { timeline, dice, profile, directory } = world;
  const clock = timeline.process(skew);
  const weathers = [world.weather, weather];
  const store = new StoreLayer(world.disk, weathers, profile, timeline, dice, clock);
  const alone = profile.nodes === 1;
  const bus = alone
    ? new LocalBus({ sharedStore: false })
    : world.bus.connect(name, `${name}.${number}`, clock);
  const aside = <T>(work: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      clock.schedule(dice.random() * 50, () => {
        if (dice.chance(CRDT_WORK_FAILS)) reject(new CoscribeError('internal', 'a simulated worker crash'));
        else resolve(work());
      });
    });
  const log = serverLog(world, name);
  const access =
    directory === undefined
      ? openAccess
      : new GuardedAccess({
          mode: 'tokens',
          authenticator: directory.authenticator(clock),
          store,
          clock,
          log,
        });
  const documents = new Documents({
    store,
    access,
    bus,
    clock,
    random: dice.random,
    counters: UNCOUNTED,
    log,
    crdt: {
      compact: (job) => aside(() => compactUpdates(job)),
      diff: (state, stateVector) => aside(() => diffState(state, [stateVector])[0]),
      hash: ({ state, since }) => aside(() => hashUpdates({ state, since })),
      split: (update, bounds) => aside(() => splitUpdate(update, bounds)),
      verify: (document) => aside(() => verifyUpdates(document)),
      close: async () => {},
    },
    compaction: {
      atRows: profile.compactAtRows,
      atBytes: 4_096,
      everyMs: profile.compactEveryMs,
      onUnloadAtRows: 3,
      onUnloadAtBytes: 1_000,
      keepRows: profile.keepRows,
    },
    diffAtBytes: 200,
    unloadAfterMs: profile.unloadAfterMs,
    limits: {
      maxUpdateBytes: profile.maxUpdateBytes,
      maxDocumentBytes: 10_000_000,
      maxDeleteRanges: 20,
      maxAwarenessBytes: 1_024,
      maxAwarenessDepth: 4,
      maxPendingBytes: profile.maxPendingBytes,
      maxSessions: 1_000,
      maxClientIds: 10_000,
    },
    ...(createLog === undefined ? {} : { createLog }),
  });
  const purges =
    directory && new Purges({ store, clock, random: dice.random, log, keepDeletedMs: KEEP_DELETED_MS });
  const sessions = sessionsBySocket(documents);
  const ready = directory === undefined;
  return { documents, bus, clock, store, purges, sessions, wires: new Set(), ready, over: false };
}

/** The session of each connection, as documents open them. */
function sessionsBySocket(documents: Documents): WeakMap<object, Session> {
  const sessions = new WeakMap<object, Session>();
  const open = documents.open.bind(documents);
  documents.open = async (id, admission, transport) => {
    const session = await open(id, admission, transport);
    sessions.set(transport, session);
    return session;
  };
  return sessions;
}
