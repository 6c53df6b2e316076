/** Of messages that are not complete, a node keeps so much, in bytes. */
const MAX_BYTES = 64 * 1024 * 1024;
/** A message up to this size is never refused for what others send, in bytes. */
const FREE_BYTES = 512 * 1024;

/** What is before the content of a control frame of a client: two bytes, and four of the mask (RFC 6455, 5.2). */
const CONTROL_HEADER_BYTES = 6;

/** Something that receives a message. */
export interface Receiving {
  /** What has come of a message that is not complete, in bytes. */
  unfinished: number;
}

/**
 * Bounds what the beginnings of messages take in memory: one message may be as large as what somebody did offline, and many
 * connections may send all of it but the end.
 */
export class Unfinished {
  private bytes = 0;

  constructor(private readonly maxBytes = MAX_BYTES) {}

  /** Bytes have come. @returns `false` if they are too many, together with those of others */
  add(to: Receiving, length: number): boolean {
    to.unfinished += length;
    this.bytes += length;
    return this.bytes <= this.maxBytes || to.unfinished <= FREE_BYTES;
  }

  /** A control frame was complete, maybe in the middle of a message. @param length of what is in it, in bytes */
  finishControl(to: Receiving, length: number): void {
    const bytes = Math.min(to.unfinished, length + CONTROL_HEADER_BYTES);
    this.bytes -= bytes;
    to.unfinished -= bytes;
  }

  /** A message is complete, or its connection gone. */
  finish(to: Receiving): void {
    this.bytes -= to.unfinished;
    to.unfinished = 0;
  }
}
