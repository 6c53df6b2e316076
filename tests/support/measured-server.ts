import { readFileSync } from 'node:fs';
import { type Cost, TurnProbe } from '../../tools/soak/fuzz/probe.js';
import { type TemporaryFolder, temporaryFolder } from './folder.js';
import { TestServer, type TestServerOptions } from './server-process.js';

/** A process that gets no tick of processor time in so long, in milliseconds, waits for something. */
const QUIET_MS = 250;

/** The real server in a process of its own that measures itself. */
export class MeasuredServer extends TestServer {
  private readonly probeFolder: TemporaryFolder;
  private readonly probe: TurnProbe;

  constructor(options: Pick<TestServerOptions, 'args'> = {}) {
    const folder = temporaryFolder();
    const probe = new TurnProbe(folder.file('probe'));
    super({ ...options, env: probe.environment() });
    this.probeFolder = folder;
    this.probe = probe;
  }

  override async start(): Promise<void> {
    await super.start();
    await this.probe.connect();
  }

  /** Measures what the server does until `run` has ended. */
  async measure(run: () => Promise<unknown>): Promise<Cost> {
    await this.probe.start();
    await run();
    return this.probe.stop();
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
    this.probe.close();
    await super.remove();
    this.probeFolder.remove();
  }
}
