import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { until } from './until.js';

/** An event of a stream. */
export interface StreamEvent {
  readonly name: string;
  /** What an `EventSource` would send as `Last-Event-ID` after it. */
  readonly id: string;
  readonly data: string;
}

export interface ReaderOptions {
  readonly headers?: Record<string, string>;
  readonly method?: string;
}

/** Reads an event stream as the HTML standard says, without coming back when it ends. */
export class EventReader {
  readonly events: StreamEvent[] = [];
  /** The newest `retry`, in milliseconds. */
  retry: number | undefined;
  comments = 0;
  ended = false;
  bytes = 0;
  private taken = 0;
  private rest = '';
  private id = '';
  private name = '';
  private data: string[] = [];

  private constructor(
    readonly response: IncomingMessage,
    private readonly outgoing: ClientRequest,
  ) {
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.read(text));
    response.on('close', () => {
      this.ended = true;
    });
    // A connection that is cut is an end, too.
    response.on('error', () => {});
  }

  static open(url: string, { headers = {}, method = 'GET' }: ReaderOptions = {}): Promise<EventReader> {
    return new Promise((resolve, reject) => {
      const outgoing = request(url, { agent: false, method, headers }, (response) =>
        resolve(new EventReader(response, outgoing)),
      );
      outgoing.on('error', reject);
      outgoing.end();
    });
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  get lastId(): string {
    return this.events.at(-1)?.id ?? '';
  }

  /** The next event that has not been taken yet. */
  async next(): Promise<StreamEvent> {
    await until(() => this.events.length > this.taken, 'the next event');
    const event = this.events[this.taken++];
    if (event === undefined) throw new RangeError('there is no event');
    return event;
  }

  /** The next event's data, which must have this name. */
  async take<T = Record<string, unknown>>(name: string): Promise<T> {
    const event = await this.next();
    if (event.name !== name) throw new Error(`${event.name} instead of ${name}: ${event.data}`);
    return JSON.parse(event.data) as T;
  }

  /** Everything that came, for an answer that is no stream. */
  async text(): Promise<string> {
    await until(() => this.ended, 'the end of the answer');
    return this.rest;
  }

  pause(): void {
    this.response.pause();
  }

  resume(): void {
    this.response.resume();
  }

  close(): void {
    this.outgoing.destroy();
  }

  private read(text: string): void {
    this.bytes += text.length;
    const all = this.rest + text;
    const isWhole = text.includes('\n');
    const lines = isWhole ? all.split('\n') : [all];
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.line(line);
  }

  private line(line: string): void {
    if (line === '') this.dispatch();
    else if (line.startsWith(':')) this.comments++;
    else {
      const [, field, value = ''] = /^([a-z]+):? ?(.*)$/s.exec(line) ?? [];
      if (field === 'event') this.name = value;
      else if (field === 'data') this.data.push(value);
      else if (field === 'id') this.id = value;
      else if (field === 'retry') this.retry = Number(value);
      else throw new Error(`a line of no event stream: ${line}`);
    }
  }

  private dispatch(): void {
    const { name, id, data } = this;
    this.name = '';
    this.data = [];
    if (data.length > 0) this.events.push({ name: name || 'message', id, data: data.join('\n') });
  }
}
