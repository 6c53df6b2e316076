import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { pathToFileURL } from 'node:url';
import { packageFile } from '../../services/package-root.js';

/** For `node --import`: what makes a process measure itself. */
const PROBE = pathToFileURL(packageFile('tools/soak/fuzz/turn-probe.mjs')).href;

/** What something cost a process: see turn-probe.mjs. */
export interface Cost {
  /** Longest turn of the main thread's event loop, in milliseconds of processor time. */
  readonly turnMs: number;
  /** Growth at most of the main thread's JavaScript heap with its buffers, in MiB. */
  readonly heapMb: number;
  /** Growth at most of what the whole process has in memory, worker threads included, in MiB. */
  readonly residentMb: number;
}

/** Asks a process that was started with `PROBE` what it costs. */
export class TurnProbe {
  private line: Socket | undefined;

  /** @param path of a Unix socket, which the process makes */
  constructor(private readonly path: string) {}

  /** What the process has to have in its environment. @param options what else it has in `NODE_OPTIONS` */
  environment(options = ''): NodeJS.ProcessEnv {
    return { NODE_OPTIONS: `--import=${PROBE} ${options}`, TURN_PROBE: this.path };
  }

  /** To be called when the process has started, and each time that it has started again. */
  async connect(): Promise<void> {
    this.line?.destroy();
    this.line = createConnection(this.path);
    await once(this.line, 'connect');
  }

  /** Measures from now on. */
  async start(): Promise<void> {
    await this.ask('start');
  }

  stop(): Promise<Cost> {
    return this.ask('stop');
  }

  /** What the main thread keeps in its heap, in MiB, without garbage. */
  async keptMb(): Promise<number> {
    return (await this.ask<{ keptMb: number }>('kept')).keptMb;
  }

  close(): void {
    this.line?.destroy();
  }

  private async ask<T>(command: string): Promise<T> {
    if (this.line === undefined) throw new Error('the process was never started');
    this.line.write(`${command}\n`);
    const [answer] = (await once(this.line, 'data')) as [Buffer];
    return JSON.parse(answer.toString()) as T;
  }
}
