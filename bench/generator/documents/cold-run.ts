import { cpuBetween, readCpu } from '../../os/usage.js';
import type { RunContext } from '../../scenarios/scenario.js';
import { FIRST_CLIENT_ID } from '../edits.js';
import { median, sleep } from '../waiting.js';
import { Completion } from './completion.js';
import type { LongText } from './long-text.js';
import { measureReturns } from './returning.js';
import { untilComplete, Watcher } from './watcher.js';
import { writeDocument } from './write-document.js';

export interface ColdRunOptions {
  /** How many open the document at the same moment; 0 to leave that out. */
  readonly atOnce: number;
  readonly restarts: number;
  /** Edits that a returning client misses; and one that was away for long. */
  readonly missed: number;
  readonly missedLong: number;
  /** How often each of them comes back. */
  readonly returns: number;
  /** How long the server gets to store what was written, and after how long the next edit makes it merge the log. */
  readonly storedAfterMs: number;
  readonly mergedEveryMs: number;
}

/** What opening a document took; lists have a figure for each restart. Times in milliseconds. */
export type ColdFigures = Awaited<ReturnType<ColdRun['run']>>;

const DOCUMENT = 'cold';
/** The last ones of a long absence, which come when the log may be merged again. */
const LAST_EDITS = 10;
const TIMEOUT_MS = 30_000;

/** Writes a document, restarts the server, and opens the document in several ways. */
export class ColdRun {
  /** Every client has a clientID of its own. */
  private nextClient = FIRST_CLIENT_ID;
  private stopsThatHung = 0;

  constructor(
    private readonly context: RunContext,
    private readonly text: LongText,
    private readonly options: ColdRunOptions,
  ) {}

  /** @throws Error if a client does not get the text */
  async run() {
    const { text, options } = this;
    const { items, length: characters, state } = text;
    await this.write(text.parts(), undefined);
    await sleep(options.storedAfterMs);
    const whole = new Completion(text.text);
    const first = await this.openAfterRestarts(1, whole);
    const together = options.atOnce === 0 ? undefined : await this.openAfterRestarts(options.atOnce, whole);
    const missed = await this.comeBack(() => this.edit(options.missed));
    const missedLong = await this.comeBack(async () => {
      await this.edit(options.missedLong - LAST_EDITS);
      await sleep(options.mergedEveryMs);
      await this.edit(LAST_EDITS);
      await sleep(options.storedAfterMs);
    });
    const { stopsThatHung } = this;
    return {
      characters,
      items,
      stateBytes: state.length,
      first,
      together,
      missed,
      missedLong,
      stopsThatHung,
    };
  }

  private async openAfterRestarts(count: number, whole: Completion) {
    const medianMs: number[] = [];
    const maxMs: number[] = [];
    const cpuMs: number[] = [];
    const bytes: number[] = [];
    const generatorShare: number[] = [];
    for (let restart = 0; restart < this.options.restarts; restart++) {
      await this.restart();
      const before = readCpu(this.context.process.pid);
      const { opened, generatorMs } = await this.open(count, whole);
      cpuMs.push(cpuBetween(before, readCpu(this.context.process.pid)) / 1e6);
      const times = opened.map(({ ms }) => ms);
      const longest = Math.max(...times);
      medianMs.push(median(times) ?? 0);
      maxMs.push(longest);
      bytes.push(Math.max(...opened.map((one) => one.bytes)));
      generatorShare.push(generatorMs / longest);
    }
    return { medianMs, maxMs, cpuMs, bytes, generatorShare };
  }

  /** The same client comes back several times after `meanwhile`, to a document that somebody else has open. */
  private async comeBack(meanwhile: () => Promise<void>) {
    const { server, process } = this.context;
    const { state, stateVector } = this.text;
    const [companion] = this.start(1);
    if (companion === undefined) throw new Error('nobody has the document open');
    try {
      await companion.client.opened;
      const { generation, seq } = companion.client.place ?? { generation: '', seq: 0 };
      await meanwhile();
      const firstClientId = this.nextClient;
      this.nextClient += this.options.returns;
      return await measureReturns({
        protocol: server.protocol,
        process,
        document: DOCUMENT,
        known: { stateVector, generation, seq },
        completion: new Completion(this.text.text, state),
        firstClientId,
        times: this.options.returns,
      });
    } finally {
      companion.client.close();
    }
  }

  private async open(count: number, whole: Completion) {
    const watchers = this.start(count);
    try {
      return await untilComplete(watchers, whole, TIMEOUT_MS);
    } finally {
      for (const { client } of watchers) client.close();
    }
  }

  private start(count: number): Watcher[] {
    const { server, process } = this.context;
    return Array.from({ length: count }, () => {
      const request = { document: DOCUMENT, clientId: this.nextClient++ };
      return new Watcher(server.protocol, process.address, request);
    });
  }

  private async edit(count: number): Promise<void> {
    const before = this.text.state;
    const clientId = this.nextClient;
    await this.write(this.text.edits(clientId, count), before);
  }

  private async write(updates: readonly Uint8Array[], before: Uint8Array | undefined): Promise<void> {
    const { server, process } = this.context;
    const clientId = this.nextClient;
    this.nextClient += 2;
    await writeDocument({
      protocol: server.protocol,
      address: process.address,
      document: DOCUMENT,
      clientId,
      updates,
      text: this.text.text,
      ...(before === undefined ? {} : { before }),
    });
  }

  private async restart(): Promise<void> {
    if (!(await this.context.process.stop())) this.stopsThatHung++;
    await this.context.process.start();
  }
}
