/** One event of a stream of server-sent events. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/** More characters than these belong to no event of ours. */
const MAX_LENGTH = 8_000_000;

/**
 * Takes a stream of server-sent events apart, however it is cut into pieces (HTML standard, 9.2.6). `EventSource` does that
 * too, but sends no `Authorization`. Ids and times to reconnect are passed over: each event says everything.
 */
export class EventParser {
  private rest = '';
  private event = '';
  private data: string[] = [];
  private length = 0;

  /** @returns the events that this piece completes. @throws RangeError for an event without an end */
  push(piece: string): ServerSentEvent[] {
    const lines = (this.rest + piece).split('\n');
    this.rest = lines.pop() ?? '';
    const events = lines.flatMap((line) => this.take(line.endsWith('\r') ? line.slice(0, -1) : line));
    if (this.rest.length + this.length > MAX_LENGTH) throw new RangeError('an event has no end');
    return events;
  }

  private take(line: string): ServerSentEvent[] {
    if (line === '') return this.complete();
    const [field, value] = parts(line);
    if (field === 'event') this.event = value;
    else if (field === 'data') {
      this.data.push(value);
      this.length += value.length;
    }
    return [];
  }

  private complete(): ServerSentEvent[] {
    const { event, data } = this;
    this.event = '';
    this.data = [];
    this.length = 0;
    return data.length === 0 ? [] : [{ event: event || 'message', data: data.join('\n') }];
  }
}

function parts(line: string): readonly [field: string, value: string] {
  const colon = line.indexOf(':');
  if (colon === -1) return [line, ''];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
}
