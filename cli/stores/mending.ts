import type { MendingWork } from '../../server/storage/check/mend.js';
import { compactUpdates } from '../../server/workers/compact-updates.js';
import { verifyUpdates } from '../../server/workers/verify-updates.js';
import { encodeUpdateList } from '../../shared/frames.js';

/** What checking and mending documents needs of Yjs, in this process: nobody waits for its main thread. */
export const mendingWork: MendingWork = {
  verify: async (document) => verifyUpdates(document),
  merge: (state, updates) => compactUpdates({ state, since: encodeUpdateList(updates) }),
};
