import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HaproxyAdmin, type Seat } from './haproxy-admin.js';
import { packageFile } from './package-root.js';
import { freePort } from './ports.js';
import { type Ended, ServiceProcess } from './service-process.js';

export interface ProxyOptions {
  /** The nodes' addresses, `http://127.0.0.1:4001`; 32 at most. */
  readonly nodes?: readonly string[];
  /** A DNS name with an address for each node, and the name server; instead of `nodes`. */
  readonly dns?: { readonly name: string; readonly server: string };
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  /** A free one if left out. */
  readonly port?: number;
  /** A PEM file with certificate and key: HTTPS on this port, and HTTP leads there. */
  readonly tls?: { readonly certificate: string; readonly port: number };
}

const READY_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 10;
/** How often another free port is tried when somebody else was quicker. */
const TRIES = 5;

/** Seats that deploy/haproxy.cfg has. */
const SEATS = 32;

/**
 * Starts HAProxy with deploy/haproxy.cfg. The program is the one that the environment variable `HAPROXY` names, else
 * the one on PATH.
 *
 * @throws Error with what it wrote if it does not start, or if it is not installed
 */
export async function startProxy(options: ProxyOptions): Promise<HaproxyProcess> {
  for (let tried = 1; ; tried++) {
    const proxy = new HaproxyProcess(options, options.port ?? (await freePort()));
    try {
      await proxy.start();
      return proxy;
    } catch (error) {
      await proxy.kill();
      const taken = error instanceof Error && /Address already in use|cannot bind/.test(error.message);
      if (options.port !== undefined || tried === TRIES || !taken) throw error;
    }
  }
}

/** A HAProxy that `startProxy` has started. */
export class HaproxyProcess {
  /** Where clients connect: `http://127.0.0.1:40000`. */
  readonly url: string;
  readonly admin: HaproxyAdmin;
  private readonly folder = mkdtempSync(join(tmpdir(), 'coscribe-proxy-'));
  private readonly socket = join(this.folder, 'admin.sock');
  private current: ServiceProcess | undefined;
  private nodes: readonly string[];

  /** Use `startProxy`. */
  constructor(
    private readonly options: ProxyOptions,
    private readonly port: number,
  ) {
    const { host = '127.0.0.1', nodes = [] } = options;
    this.url = `http://${host}:${port}`;
    this.nodes = nodes;
    this.admin = new HaproxyAdmin(this.socket);
  }

  /** The process that runs now, or ran last. @throws Error if it was never started */
  get process(): ServiceProcess {
    if (this.current === undefined) throw new Error('The proxy was never started.');
    return this.current;
  }

  get pid(): number | undefined {
    return this.running ? this.process.pid : undefined;
  }

  get running(): boolean {
    return this.current?.running === true;
  }

  /** Fulfils when the process that runs now is gone. */
  get ended(): Promise<Ended> {
    return this.process.ended;
  }

  /** Starts it, or another one in its place, and tells it the nodes. @throws Error with what it wrote if it does not start */
  async start(): Promise<void> {
    if (this.running) throw new Error('The proxy is running already.');
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const process = new ServiceProcess({
      command: globalThis.process.env.HAPROXY || 'haproxy',
      args: ['-db', '-f', packageFile('deploy/haproxy.cfg')],
      env: this.environment(),
    });
    this.current = process;
    await answers(process, this.admin);
    await this.setNodes(this.nodes);
  }

  /**
   * The nodes from now on, in this order, each in its seat; who sat elsewhere before gets nothing new. Whoever stays is
   * not disturbed. @throws Error if HAProxy refuses
   */
  async setNodes(nodes: readonly string[]): Promise<void> {
    if (nodes.length > SEATS) throw new Error(`The proxy has seats for ${SEATS} nodes.`);
    const names = new Set((await this.admin.seats()).map(({ name }) => name));
    for (const [index, node] of nodes.entries()) {
      const name = seatName(index);
      if (names.has(name) && node === this.nodes[index]) continue;
      const { hostname, port } = new URL(node);
      await this.admin.seat(name, hostname, Number(port || 80));
    }
    for (let index = nodes.length; index < this.nodes.length; index++) {
      await this.admin.clear(seatName(index));
    }
    this.nodes = nodes;
  }

  /** What it knows of each node, in the order of the nodes; of those that DNS names, in the order of their seats. */
  seats(): Promise<readonly Seat[]> {
    return this.admin.seats();
  }

  /** Ends it at once in order: connections are cut. */
  async stop(): Promise<Ended> {
    const ended = await this.process.stop();
    this.removeFolder();
    return ended;
  }

  /** Ends it as kill -9 does. */
  async kill(): Promise<void> {
    // A program that is not installed has nothing to end.
    await this.current?.kill().catch(() => {});
    this.removeFolder();
  }

  output(): string {
    return this.current?.output() ?? '';
  }

  private removeFolder(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private environment(): NodeJS.ProcessEnv {
    const { host = '127.0.0.1', dns, tls } = this.options;
    // `undefined` takes away what the environment of this process says.
    return {
      COSCRIBE_PROXY_HTTP: `${host}:${this.port}`,
      COSCRIBE_PROXY_ADMIN: this.socket,
      COSCRIBE_PROXY_STATS: undefined,
      COSCRIBE_NODES: dns?.name,
      COSCRIBE_DNS: dns?.server,
      COSCRIBE_PROXY_CERT: tls?.certificate,
      COSCRIBE_PROXY_HTTPS: tls && `${host}:${tls.port}`,
    };
  }
}

function seatName(index: number): string {
  return `node${index + 1}`;
}

async function answers(process: ServiceProcess, admin: HaproxyAdmin): Promise<void> {
  let failed: Error | undefined;
  process.ended.then(
    () => {
      failed = new Error(`HAProxy did not start.\n${process.output()}`);
    },
    ({ message }: Error) => {
      failed = new Error(
        `HAProxy could not be started (${message}). On Debian or Ubuntu: sudo apt-get install haproxy. Elsewhere: install it and set HAPROXY to its path.`,
      );
    },
  );
  const deadline = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const answer = await admin.ask('show info').catch(() => '');
    if (failed) throw failed;
    if (answer !== '') return;
    if (performance.now() > deadline) throw new Error(`HAProxy does not answer.\n${process.output()}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
