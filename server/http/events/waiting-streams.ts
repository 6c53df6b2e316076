import { CoscribeError } from '../../../shared/errors.js';
import type { DocumentId } from '../../../shared/ids.js';
import type { Clock, Timer } from '../../../shared/time.js';
import type { Documents } from '../../documents/documents.js';
import { WaitingStream, type WaitingStreamOptions } from './waiting-stream.js';

/** How often it is looked whether the documents are there, all of them in one request, in milliseconds. */
const LOOK_EVERY_MS = 1_000;
/** A stream is written to at least every 15 s: each of them at each so manieth look. */
const BEAT_EVERY_LOOKS = 10;
/** Documents that are waited for on a node: anybody can think of names. */
const MAX_DOCUMENTS = 1_000;
/** Streams that are let in at once: each may cost a question to somebody else's server. */
const ENTERING_AT_ONCE = 16;

export interface WaitingStreamsOptions {
  readonly documents: Pick<Documents, 'existing' | 'draining'>;
  readonly clock: Pick<Clock, 'schedule'>;
  /** Of one document. */
  readonly maxStreams: number;
}

/** All event streams of a node that wait for a document that nobody has made yet. To wait for one makes none. */
export class WaitingStreams {
  private readonly waiting = new Map<DocumentId, Set<WaitingStream>>();
  private timer: Timer | undefined;
  private looks = 0;

  constructor(private readonly options: WaitingStreamsOptions) {}

  /** How many streams wait. */
  get count(): number {
    let sum = 0;
    for (const streams of this.waiting.values()) sum += streams.size;
    return sum;
  }

  /** @throws CoscribeError `document-full`; `server-busy` if too many documents are waited for */
  add(id: DocumentId, options: Omit<WaitingStreamOptions, 'onGone'>): WaitingStream {
    const { maxStreams } = this.options;
    const streams = this.waiting.get(id) ?? new Set();
    if (streams.size >= maxStreams)
      throw new CoscribeError('document-full', `${maxStreams} followers on this server`);
    if (streams.size === 0 && this.waiting.size >= MAX_DOCUMENTS) throw new CoscribeError('server-busy');
    const onGone = (gone: WaitingStream): void => {
      streams.delete(gone);
      if (streams.size === 0 && this.waiting.get(id) === streams) this.waiting.delete(id);
    };
    const stream = new WaitingStream({ ...options, onGone });
    streams.add(stream);
    this.waiting.set(id, streams);
    this.schedule();
    return stream;
  }

  private schedule(): void {
    if (this.waiting.size === 0) return;
    this.timer ??= this.options.clock.schedule(LOOK_EVERY_MS, () => void this.look());
  }

  /** Never rejects. */
  private async look(): Promise<void> {
    const { documents } = this.options;
    const all = [...this.waiting.values()].flatMap((streams) => [...streams]);
    if (documents.draining) for (const stream of all) stream.end(new CoscribeError('shutting-down'));
    else {
      if (++this.looks % BEAT_EVERY_LOOKS === 0) for (const stream of all) stream.beat();
      // A store that is away is asked again.
      const there = await documents.existing([...this.waiting.keys()]).catch(() => []);
      for (const id of there) await letIn([...(this.waiting.get(id) ?? [])]);
    }
    this.timer = undefined;
    this.schedule();
  }
}

async function letIn(streams: readonly WaitingStream[]): Promise<void> {
  for (let at = 0; at < streams.length; at += ENTERING_AT_ONCE)
    await Promise.all(streams.slice(at, at + ENTERING_AT_ONCE).map((stream) => stream.arrive()));
}
