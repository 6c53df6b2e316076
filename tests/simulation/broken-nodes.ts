import { Progress } from '../../client/progress.js';
import { CommittedClocks } from '../../server/documents/committed-clocks.js';
import { HeadWatch } from '../../server/documents/head-watch.js';
import { LogFollower } from '../../server/documents/log-follower.js';
import { PresenceEntries } from '../../server/documents/presence-entries.js';
import type { PresenceState } from '../../server/documents/presence-message.js';
import { type Method, replace } from './replace.js';

/*
 * What is left out here looks as if nothing were wrong as long as nothing is lost. The simulation has to find it. Each
 * function leaves something out, and returns what puts it back.
 */

/** What a gap shows itself by is the store alone, which nobody asks. */
export function noAntiEntropy(): () => void {
  const start = replace(HeadWatch.prototype, 'start', () => () => {});
  const lookNow = replace(HeadWatch.prototype, 'lookNow', () => () => {});
  return both(start, lookNow);
}

/** Rows that are ahead are taken as if they were the next ones. */
export function gapsIgnored(): () => void {
  interface Follower {
    readonly home: { take(row: unknown): void };
  }
  return replace(
    LogFollower.prototype,
    'offer',
    () =>
      function (this: Follower, _from: number, rows: readonly unknown[]): void {
        for (const row of rows) this.home.take(row);
      },
  );
}

/** Rows that are ahead wait for those before them for ever. */
export function gapsNotPulled(): () => void {
  return replace(LogFollower.prototype, 'readSoon', () => () => {});
}

/** An edit that is in the log twice is shown twice. */
export function rowsNotTrimmed(): () => void {
  const untrimmed = (take: Method) =>
    function (this: object, ...args: unknown[]): unknown {
      Reflect.apply(take, this, args);
      return args[0];
    };
  return both(
    replace(CommittedClocks.prototype, 'takeOwn', untrimmed),
    replace(CommittedClocks.prototype, 'takeForeign', untrimmed),
  );
}

/** Whoever notices that a client has left it says that the client has left. */
export function presenceWithoutOwner(): () => void {
  interface Entry {
    readonly owner: unknown;
  }
  interface Entries {
    readonly present: Map<number, Entry>;
  }
  const disown = (entries: Entries, clientId: number, owner: unknown): void => {
    const entry = entries.present.get(clientId);
    if (entry !== undefined) entries.present.set(clientId, { ...entry, owner });
  };
  return both(
    replace(
      PresenceEntries.prototype,
      'leave',
      (leave) =>
        function (this: Entries, clientId: number): void {
          disown(this, clientId, undefined);
          Reflect.apply(leave, this, [clientId]);
        },
    ),
    replace(
      PresenceEntries.prototype,
      'showFrom',
      (showFrom) =>
        function (this: Entries, node: string, message: number, state: PresenceState): void {
          if (state.json === 'null') disown(this, state.clientId, node);
          Reflect.apply(showFrom, this, [node, message, state]);
        },
    ),
  );
}

/** A client does not notice that a frame before this one was lost. */
export function clientIgnoresGaps(): () => void {
  return replace(
    Progress.prototype,
    'received',
    (received) =>
      function (this: Progress, ...args: unknown[]): boolean {
        Reflect.apply(received, this, args);
        return true;
      },
  );
}

function both(one: () => void, other: () => void): () => void {
  return () => {
    other();
    one();
  };
}
