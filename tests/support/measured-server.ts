import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type TemporaryFolder, temporaryFolder } from './folder.js';
import { ROOT } from './project-files.js';
import { TestServer, type TestServerOptions } from './server-process.js';

/** For `node --import`. */
export const PROBE = pathToFileURL(join(ROOT, 'tests/support/turn-probe.mjs')).href;

/** A process that gets no tick of processor time in so long, in milliseconds, waits for something. */
const QUIET_MS = 250;

/** What something cost the server: see turn-probe.mjs. */
export interface Cost {
  /** Longest turn of the main thread's event loop, in milliseconds of processor time. */
  readonly turnMs: number;
  /** Growth at most of the main thread's JavaScript heap with its buffers, in MiB. */
  readonly heapMb: number;
  /** Growth at most of what the whole process has in memory, worker threads included, in MiB. */
  readonly residentMb: number;
}

/** The real server in a process of its own that measures itself. */
export class MeasuredServer extends TestServer {
  private readonly probeFolder: TemporaryFolder;
  private probe: Socket | undefined;

  constructor(options: Pick<TestServerOptions, 'args'> = {}) {
    const folder = temporaryFolder();
    super({
      ...options,
      env: { NODE_OPTIONS: `--import=${PROBE}`, TURN_PROBE: folder.file('probe') },
    });
    this.probeFolder = folder;
  }

  override async start(): Promise<void> {
    await super.start();
    this.probe?.destroy();
    this.probe = createConnection(this.probeFolder.file('probe'));
    await once(this.probe, 'connect');
  }

  /** Measures what the server does until `run` has ended. */
  async measure(run: () => Promise<unknown>): Promise<Cost> {
    await askProbe(this.probe, 'start');
    await run();
    return askProbe(this.probe, 'stop');
  }

  /** Fulfils when the process has nothing more to do, in any of its threads. */
  async idle(): Promise<void> {
    for (let before = -1, now = this.ticks(); now !== before; now = this.ticks()) {
      before = now;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    }
  }

  /** Processor time of the process up to now, as the kernel counts it: in hundredths of a second. */
  private ticks(): number {
    const fields = readFileSync(`/proc/${this.process.pid}/stat`, 'utf8').split(' ');
    return Number(fields[13]) + Number(fields[14]);
  }

  override async remove(): Promise<void> {
    this.probe?.destroy();
    await super.remove();
    this.probeFolder.remove();
  }
}

/** Says `start` or `stop` to a probe. @returns its answer */
export async function askProbe(probe: Socket | undefined, command: 'start' | 'stop'): Promise<Cost> {
  if (probe === undefined) throw new Error('the process was never started');
  probe.write(`${command}\n`);
  const [line] = (await once(probe, 'data')) as [Buffer];
  return JSON.parse(line.toString()) as Cost;
}
