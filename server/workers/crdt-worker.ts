import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { toCoscribeError } from '../../shared/errors.js';
import { compactUpdates } from './compact-updates.js';
import type { CrdtReply, CrdtRequest, CrdtThreadStarted } from './crdt-messages.js';
import { diffState } from './diff-state.js';
import { hashUpdates } from './hash-updates.js';
import { shareable } from './shared-bytes.js';

/** Niceness: with the main thread busy on the same core, this one gets about a tenth of the time. */
const NICENESS = 10;

/**
 * On Linux a niceness belongs to a thread, and a process number of 0 means the calling thread (setpriority(2)).
 * Elsewhere it would be that of the whole process, which must stay as it is.
 *
 * @returns the thread's number, or nothing where threads have no priority of their own
 */
function stepBack(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    setPriority(0, NICENESS);
    return Number(basename(readlinkSync('/proc/thread-self')));
  } catch {
    // A container may forbid either; the work is done all the same.
    return undefined;
  }
}

function answer(request: CrdtRequest): CrdtReply {
  try {
    if (request.kind === 'diff')
      return { kind: 'diffs', diffs: diffState(request.state, request.stateVectors) };
    if (request.kind === 'hash') return { kind: 'hashed', hash: hashUpdates(request) };
    const { state, index } = compactUpdates(request);
    return { kind: 'compacted', compacted: { state: shareable(state), index } };
  } catch (thrown) {
    const { code, message } = toCoscribeError(thrown);
    return { kind: 'failed', code, detail: message };
  }
}

/** The large buffers of an answer that are not shared: they are handed over and not copied. */
function transferable(reply: CrdtReply): ArrayBuffer[] {
  if (reply.kind !== 'diffs') return [];
  return reply.diffs.flatMap((diff) => (diff === undefined ? [] : [diff.buffer as ArrayBuffer]));
}

const started: CrdtThreadStarted = { kind: 'started', threadId: stepBack() };
parentPort?.postMessage(started);
parentPort?.on('message', (request: CrdtRequest) => {
  const reply = answer(request);
  parentPort?.postMessage(reply, transferable(reply));
});
