import type { Broadcast } from '../../server/documents/broadcast.js';
import type { SessionTransport } from '../../server/documents/session-transport.js';
import type { CoscribeError } from '../../shared/errors.js';
import { decodeFrame } from '../../shared/frames.js';
import type { ContentCheck, Role } from '../../shared/protocol.js';
import { unmetered } from './unmetered.js';

/** Keeps what a session is sent, and can pretend that the network takes nothing. */
export class RecordingTransport implements SessionTransport {
  readonly protocol = 'coscribe';
  readonly meter = unmetered();
  readonly frames: { from: number; updates: readonly Uint8Array[] }[] = [];
  readonly awareness: Uint8Array[] = [];
  readonly resyncs: CoscribeError[] = [];
  readonly refused: CoscribeError[] = [];
  readonly saving: boolean[] = [];
  readonly checks: ContentCheck[] = [];
  readonly moves: number[] = [];
  readonly roles: Role[] = [];
  renewals = 0;
  readonly closed: { reason: CoscribeError; reconnectAfterMs: number }[] = [];
  queued = 0;

  sendUpdates(frame: Broadcast): void {
    this.frames.push(decodeFrame(frame.bytes));
  }

  sendAwareness(update: Broadcast): void {
    this.awareness.push(update.bytes);
  }

  sendResync(reason: CoscribeError): void {
    this.resyncs.push(reason);
  }

  sendSaving(possible: boolean): void {
    this.saving.push(possible);
  }

  sendRefused(reason: CoscribeError): void {
    this.refused.push(reason);
  }

  sendAccess(role: Role): void {
    this.roles.push(role);
  }

  sendRenew(): void {
    this.renewals++;
  }

  sendCheck(check: ContentCheck): void {
    this.checks.push(check);
  }

  sendMove(afterMs: number): void {
    this.moves.push(afterMs);
  }

  close(reason: CoscribeError, reconnectAfterMs: number): void {
    this.closed.push({ reason, reconnectAfterMs });
  }

  queuedBytes(): number {
    return this.queued;
  }
}
