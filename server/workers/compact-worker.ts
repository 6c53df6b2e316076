import { parentPort } from 'node:worker_threads';
import { toCoscribeError } from '../../shared/errors.js';
import { decodeUpdateList } from '../../shared/frames.js';
import type { CompactReply, CompactRequest } from './compact-messages.js';
import { compactUpdates } from './compact-updates.js';

parentPort?.on('message', ({ updates }: CompactRequest) => {
  parentPort?.postMessage(answer(updates));
});

function answer(updates: Uint8Array): CompactReply {
  try {
    return { ok: true, ...compactUpdates(decodeUpdateList(updates)) };
  } catch (thrown) {
    const { code, message } = toCoscribeError(thrown);
    return { ok: false, code, detail: message };
  }
}
