import { parentPort } from 'node:worker_threads';
import { toCoscribeError } from '../../shared/errors.js';
import { encodeUpdateList } from '../../shared/frames.js';
import { splitUpdate } from '../../shared/update-split.js';
import { compactUpdates } from './compact-updates.js';
import type { CrdtReply, CrdtRequest } from './crdt-messages.js';
import { diffState } from './diff-state.js';
import { hashUpdates } from './hash-updates.js';
import type { ThreadStarted } from './job-thread.js';
import { shareable } from './shared-bytes.js';
import { stepBack } from './step-back.js';
import { verifyUpdates } from './verify-updates.js';

function answer(request: CrdtRequest): CrdtReply {
  try {
    if (request.kind === 'diff')
      return { kind: 'diffs', diffs: diffState(request.state, request.stateVectors) };
    if (request.kind === 'hash') return { kind: 'hashed', hash: hashUpdates(request) };
    if (request.kind === 'split')
      return { kind: 'parts', list: encodeUpdateList(splitUpdate(request.update, request.bounds)) };
    if (request.kind === 'verify') return { kind: 'verified', problems: verifyUpdates(request.document) };
    const { state, index } = compactUpdates(request);
    return { kind: 'compacted', compacted: { state: shareable(state), index } };
  } catch (thrown) {
    const { code, message } = toCoscribeError(thrown);
    return { kind: 'failed', code, detail: message };
  }
}

/** The large buffers of an answer that are not shared: they are handed over and not copied. */
function transferable(reply: CrdtReply): ArrayBuffer[] {
  if (reply.kind === 'parts') return [reply.list.buffer as ArrayBuffer];
  if (reply.kind !== 'diffs') return [];
  return reply.diffs.flatMap((diff) => (diff === undefined ? [] : [diff.buffer as ArrayBuffer]));
}

const started: ThreadStarted = { kind: 'started', threadId: stepBack() };
parentPort?.postMessage(started);
parentPort?.on('message', (request: CrdtRequest) => {
  const reply = answer(request);
  parentPort?.postMessage(reply, transferable(reply));
});
