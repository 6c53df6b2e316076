import { parentPort } from 'node:worker_threads';
import { CopyHost } from './copy-host.js';
import type { CopyReply, CopyRequest } from './copy-messages.js';
import type { ThreadStarted } from './job-thread.js';
import { stepBack } from './step-back.js';

/** From this size on bytes are handed over and not copied. */
const WORTH_HANDING_OVER_BYTES = 64 * 1024;

function transferable({ outcome }: CopyReply): ArrayBuffer[] {
  if (outcome.kind !== 'done') return [];
  const { buffer, length } = outcome.answer.body;
  return length >= WORTH_HANDING_OVER_BYTES && length === buffer.byteLength ? [buffer as ArrayBuffer] : [];
}

const started: ThreadStarted = { kind: 'started', threadId: stepBack() };
const host = new CopyHost();
parentPort?.postMessage(started);
parentPort?.on('message', (request: CopyRequest) => {
  const reply = host.handle(request);
  parentPort?.postMessage(reply, transferable(reply));
});
