import * as random from 'lib0/random';
import type { CopyStore } from './copy-store.js';
import { openIndexedDb } from './indexed-db-store.js';
import type { Surroundings, TabLine, TabLocks } from './surroundings.js';

/** @param database name of the IndexedDB database */
export function browserSurroundings(database: string): Surroundings {
  return {
    openStore: (): Promise<CopyStore> => openIndexedDb(database),
    // Only where the page came over https, or from this machine.
    locks: globalThis.navigator?.locks === undefined ? undefined : webLocks(navigator.locks, database),
    openLine: (name, received) => broadcastLine(`${database} ${name}`, received),
    onHide,
    newTab: random.uuidv4,
  };
}

/** Node has channels, too; there they would keep the process alive, and there are no tabs. */
function broadcastLine(name: string, received: (message: unknown) => void): TabLine | undefined {
  if (typeof document === 'undefined' || typeof BroadcastChannel === 'undefined') return undefined;
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => received(data);
  return { post: (message) => channel.postMessage(message), close: () => channel.close() };
}

function onHide(hides: () => void): () => void {
  if (typeof document === 'undefined') return () => {};
  const hidden = (): void => {
    if (document.visibilityState === 'hidden') hides();
  };
  addEventListener('pagehide', hides);
  document.addEventListener('visibilitychange', hidden);
  return () => {
    removeEventListener('pagehide', hides);
    document.removeEventListener('visibilitychange', hidden);
  };
}

function webLocks(locks: LockManager, database: string): TabLocks {
  const nameOf = (name: string): string => `${database} ${name}`;
  return {
    hold(name, held) {
      const waiting = new AbortController();
      let release = (): void => waiting.abort();
      const done = new Promise<void>((resolve) => {
        locks
          .request(nameOf(name), { signal: waiting.signal }, () => {
            release = resolve;
            held();
            return done;
          })
          .catch(() => {
            // Nobody waits any more.
          });
      });
      return () => release();
    },
    take: (name) =>
      new Promise((taken, failed) => {
        locks
          .request(nameOf(name), { ifAvailable: true }, (lock) => {
            if (lock === null) {
              taken(undefined);
              return undefined;
            }
            return new Promise<void>((release) => taken(release));
          })
          .catch(failed);
      }),
    async held(prefix) {
      const { held = [] } = await locks.query();
      const before = nameOf('');
      return held.flatMap(({ name = '' }) =>
        name.startsWith(nameOf(prefix)) ? [name.slice(before.length)] : [],
      );
    },
  };
}
