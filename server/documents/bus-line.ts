import type { DocumentId } from '../../shared/ids.js';
import type { Bus, BusChannel, BusListener, BusMessage } from '../cluster/bus.js';

/** Messages that wait for a document that is being loaded; what is lost beyond them, the store has. */
const MAX_WAITING = 1_000;

/** A document's channel on the bus, open before the document is read, so that nothing comes between the two. */
export class BusLine implements BusChannel {
  private channel: BusChannel | undefined;
  private listener: BusListener | undefined;
  private waiting: { readonly message: BusMessage; readonly from: string }[] = [];

  private constructor(readonly bus: Bus) {}

  static async open(bus: Bus, id: DocumentId): Promise<BusLine> {
    const line = new BusLine(bus);
    line.channel = await bus.open(id, (message, from) => line.receive(message, from));
    return line;
  }

  /** Messages go to the document from now on, those first that have come already. */
  attach(listener: BusListener): void {
    this.listener = listener;
    const waiting = this.waiting;
    this.waiting = [];
    for (const { message, from } of waiting) listener(message, from);
  }

  publish(message: BusMessage): void {
    this.channel?.publish(message);
  }

  close(): void {
    this.listener = () => {};
    this.waiting = [];
    this.channel?.close();
  }

  private receive(message: BusMessage, from: string): void {
    if (this.listener !== undefined) this.listener(message, from);
    else if (this.waiting.length < MAX_WAITING) this.waiting.push({ message, from });
  }
}
