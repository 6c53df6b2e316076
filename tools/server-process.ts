import { type Ended, ServiceProcess } from './services/service-process.js';

export type { Ended };

export interface ServerProcessOptions {
  /** The compiled `server/main.js`. */
  readonly main: string;
  readonly args: readonly string[];
  /** A command that starts what comes after it, such as `nice`; it must not leave a process of its own in between. */
  readonly launcher?: readonly string[];
  /** What the process gets besides the environment of this one. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A server in a process of its own. */
export class ServerProcess extends ServiceProcess {
  private announce: (url: string) => void = () => {};
  private readonly announced = new Promise<string>((resolve) => {
    this.announce = resolve;
  });
  private isAnnounced = false;

  constructor({ main, args, launcher = [], env }: ServerProcessOptions) {
    const [command = process.execPath, ...rest] = [...launcher, process.execPath, main, ...args];
    super({ command, args: rest, ...(env === undefined ? {} : { env }) });
  }

  /** Where the server listens, as soon as it does. @throws Error with what it wrote if it ends before */
  async ready(): Promise<string> {
    const first = await Promise.race([this.announced, this.ended]);
    if (typeof first === 'string') return first;
    throw new Error(`The server did not start.\n${this.output()}`);
  }

  protected override wrote(): void {
    const url = this.isAnnounced ? undefined : readyUrl(this.stdout);
    if (url === undefined) return;
    this.isAnnounced = true;
    this.announce(url);
  }
}

/** The address in the line that says that the server is ready; the last line may be there in part only. */
function readyUrl(output: string): string | undefined {
  for (const line of output.split('\n').slice(0, -1)) {
    if (!line.startsWith('{')) continue;
    const { url } = JSON.parse(line) as { url?: unknown };
    if (typeof url === 'string') return url;
  }
  return undefined;
}
