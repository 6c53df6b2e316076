import type { Meter } from './meter.js';
import type { SessionTransport } from './session-transport.js';

/** The end of sessions that only write: another session hears what happens in the document. */
export abstract class DeafTransport implements SessionTransport {
  abstract readonly meter: Meter;

  /** The session cannot go on. */
  protected abstract cutOff(): void;

  sendResync(): void {
    this.cutOff();
  }

  close(): void {
    this.cutOff();
  }

  queuedBytes(): number {
    return 0;
  }

  sendUpdates(): void {}
  sendAwareness(): void {}
  sendCheck(): void {}
  sendSaving(): void {}
  sendAccess(): void {}
  sendRenew(): void {}
  sendRefused(): void {}
  sendMove(): void {}
}
