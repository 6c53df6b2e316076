import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { residentBytes } from '../../services/memory.js';
import { CoscribeNode } from '../../services/node.js';
import type { Role } from './assault.js';
import { TurnProbe } from './probe.js';

/** Nothing is to be refused because it comes too fast: what is refused so is not looked at. */
const NO_RATES = [
  ...['--max-updates-per-second', '1000000', '--update-burst', '1000000'],
  ...['--max-bytes-per-second', '1073741824', '--bytes-burst', '1073741824'],
  ...['--max-joins-per-second', '1000000', '--join-burst', '1000000'],
  ...['--max-awareness-per-second', '1000000', '--awareness-burst', '1000000'],
  ...['--max-requests-per-second', '1000000', '--request-burst', '1000000'],
];

interface NewLink {
  readonly id: string;
  readonly link: { readonly token: string };
}

/** The real server with SQLite in a folder of its own, which measures itself. Only links let anybody in. */
export class FuzzServer {
  readonly node: CoscribeNode;
  private readonly folder = mkdtempSync(join(tmpdir(), 'coscribe-fuzz-'));
  private readonly probe = new TurnProbe(join(this.folder, 'probe'));

  /** @param env what it gets besides the environment of this process */
  constructor(env: NodeJS.ProcessEnv = {}) {
    this.node = new CoscribeNode({
      store: `sqlite:${join(this.folder, 'coscribe.db')}`,
      args: ['--auth', 'links', '--unload-after-ms', '0', ...NO_RATES],
      env: { ...env, ...this.probe.environment(env.NODE_OPTIONS) },
    });
  }

  get port(): number {
    return Number(new URL(this.node.url).port);
  }

  get measuring(): TurnProbe {
    return this.probe;
  }

  get residentMb(): number {
    return (residentBytes(this.node.pid) ?? 0) / 2 ** 20;
  }

  async start(): Promise<void> {
    await this.node.start();
    await this.probe.connect();
  }

  /** Makes a document. @returns its owner */
  async create(): Promise<Role> {
    const { id, link } = await this.post<NewLink>('/api/documents', {});
    return { document: id, token: link.token };
  }

  /** Somebody who may only read. */
  async viewer({ document, token }: Role): Promise<Role> {
    const made = await this.post<NewLink['link']>(
      `/api/documents/${document}/links`,
      { role: 'viewer' },
      token,
    );
    return { document, token: made.token };
  }

  /** What it complained about, and that it ended by itself if it did. */
  complaints(): string[] {
    const { stdout, stderr } = this.node.process;
    const lines = stdout.split('\n').filter((line) => line.startsWith('{"level":"error"'));
    const ended = this.node.running ? [] : ['the server ended by itself'];
    return [...ended, ...lines, ...stderr.split('\n').filter((line) => line !== '')];
  }

  async remove(): Promise<void> {
    this.probe.close();
    await this.node.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async post<T>(path: string, body: unknown, token?: string): Promise<T> {
    const answer = await fetch(this.node.url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}
