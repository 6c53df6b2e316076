import type { Channel, Connect } from '../../client/channel.js';
import { FakeChannel } from './fake-channel.js';

/** The server's ends of all lines that a provider has made, oldest first. */
export class FakeLines {
  readonly all: FakeChannel[] = [];

  readonly connect: Connect = (document, events): Channel => {
    const line = new FakeChannel();
    this.all.push(line);
    return line.connect(document, events);
  };

  /** The newest line. */
  get last(): FakeChannel {
    const line = this.all.at(-1);
    if (line === undefined) throw new Error('no provider has connected');
    return line;
  }

  /** Lines that are not closed for good. */
  get alive(): FakeChannel[] {
    return this.all.filter(({ destroyed }) => !destroyed);
  }
}
