import { types } from 'node:util';

/** From this size on copying bytes between threads costs more than sharing them: 10 MB take about 5 ms. */
const WORTH_SHARING_BYTES = 64 * 1024;

/** Room for so many bytes, in memory that all threads see if they are many. */
export function shareableRoom(length: number): Uint8Array {
  return new Uint8Array(
    length < WORTH_SHARING_BYTES ? new ArrayBuffer(length) : new SharedArrayBuffer(length),
  );
}

/**
 * The same bytes in memory that all threads see, if they are many: handing them from thread to thread then costs
 * nothing. Whoever calls this pays the copy, so the threads beside the main one do. Nobody writes to such bytes.
 */
export function shareable(bytes: Uint8Array): Uint8Array {
  if (bytes.length < WORTH_SHARING_BYTES || isShared(bytes)) return bytes;
  const shared = shareableRoom(bytes.length);
  shared.set(bytes);
  return shared;
}

export function isShared(bytes: Uint8Array): boolean {
  return types.isSharedArrayBuffer(bytes.buffer);
}

/** What can be posted to another thread and stays usable here: shared bytes as they are, others as a copy. */
export function toPost(bytes: Uint8Array): {
  readonly bytes: Uint8Array;
  readonly transfer: readonly ArrayBuffer[];
} {
  if (isShared(bytes)) return { bytes, transfer: [] };
  // A view would take its whole buffer along.
  const copy = new Uint8Array(bytes);
  return { bytes: copy, transfer: [copy.buffer] };
}
