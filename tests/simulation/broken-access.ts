import { CoscribeProvider } from '../../client/provider.js';
import { AccessWatch } from '../../server/documents/access-watch.js';
import { Expiries } from '../../server/documents/expiries.js';
import { Session } from '../../server/documents/session.js';
import { replace } from './replace.js';

/*
 * What is left out here looks as if nothing were wrong as long as nobody's access changes. The simulation has to find it.
 * Each function leaves something out, and returns what puts it back.
 */

/** A node learns of a change from the bus, or not at all. */
export function accessNotPolled(): () => void {
  return replace(AccessWatch.prototype, 'lookLater', () => () => {});
}

/** What changes between the door and the join is passed over. */
export function joinsUnreviewed(): () => void {
  interface Watch {
    readonly expiries: Expiries;
  }
  return replace(
    AccessWatch.prototype,
    'enter',
    () =>
      async function (this: Watch, session: Session): Promise<void> {
        this.expiries.add(session);
      },
  );
}

/** A session keeps the role that it began with, as long as it has any. */
export function rolesKept(): () => void {
  return replace(Session.prototype, 'admitAs', () => () => {});
}

/** Nobody looks when tokens end. */
export function tokensEndless(): () => void {
  return replace(Expiries.prototype, 'add', () => () => {});
}

/** What could not be saved is gone without a word. */
export function rejectedEditsDropped(): () => void {
  return replace(
    CoscribeProvider.prototype,
    'on',
    (listen) =>
      function (this: CoscribeProvider, ...given: unknown[]): unknown {
        const [name] = given;
        return name === 'rejected' ? undefined : Reflect.apply(listen, this, given);
      },
  );
}
