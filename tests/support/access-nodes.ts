import { expect } from '@jest/globals';
import { type RedisProcess, startRedis } from '../../tools/services/redis.js';
import { authOf } from './access-world.js';
import { type TemporaryFolder, temporaryFolder } from './folder.js';
import { RawClient } from './raw-client.js';
import { until } from './until.js';

/** What is promised of a change of access, in milliseconds. */
const WITHIN_MS = 5_000;

/** How things are while access changes on one node. */
export const CIRCUMSTANCES = [
  'all is well',
  'Redis does not answer',
  'Redis is gone',
  'Redis does not answer and the node dies right after its answer',
] as const;
export type Circumstance = (typeof CIRCUMSTANCES)[number];

/** A node, as far as this needs it. */
export interface ChangingNode {
  readonly url: string;
  readonly running: boolean;
  start(): Promise<unknown>;
  kill(): Promise<unknown>;
}

/** Redis between two nodes, clients of the second, and changes that are made on the first. */
export class AccessChanges {
  private readonly clients: RawClient[] = [];

  private constructor(
    readonly folder: TemporaryFolder,
    readonly redis: RedisProcess,
  ) {}

  static async start(): Promise<AccessChanges> {
    const folder = temporaryFolder();
    return new AccessChanges(folder, await startRedis({ folder: folder.path }));
  }

  async enter(url: string, document: string, token: string): Promise<RawClient> {
    const client = await RawClient.joined(url, { document, auth: authOf(token) });
    this.clients.push(client);
    return client;
  }

  /** Tries to come in. @returns `ok`, or the code with which it was refused */
  async entrance(url: string, document: string, token: string): Promise<string> {
    try {
      const client = await RawClient.connect(url, { document, auth: authOf(token) });
      this.clients.push(client);
      const reply = await client.join();
      return reply.ok ? 'ok' : reply.error.code;
    } catch (error) {
      return (error as { readonly data: { readonly code: string } }).data.code;
    }
  }

  /** Waits until both nodes run and know each other, as before the first test. */
  async settle(...nodes: readonly ChangingNode[]): Promise<void> {
    for (const node of nodes) {
      if (!node.running) await node.start();
      await inTouch(node);
    }
  }

  /** Makes a change on a node, and waits until it is seen on the other one: within the time that is promised. */
  async follow(
    circumstance: Circumstance,
    node: ChangingNode,
    make: () => Promise<void>,
    seen: () => boolean,
  ): Promise<void> {
    const { redis } = this;
    const stopped = circumstance.includes('does not answer');
    const gone = circumstance === 'Redis is gone';
    if (stopped) redis.suspend();
    if (gone) await redis.kill();
    try {
      const began = performance.now();
      await make();
      if (circumstance.includes('dies')) await node.kill();
      const left = WITHIN_MS - (performance.now() - began);
      await until(seen, `the change to be seen on the other node while ${circumstance}`, left);
    } finally {
      if (stopped) redis.resume();
      if (gone) await redis.start();
    }
  }

  leave(): void {
    for (const client of this.clients.splice(0)) client.close();
  }

  async stop(): Promise<void> {
    await this.redis.kill();
    this.folder.remove();
  }
}

/** The session was ended for good, with this code. */
export async function expectOut(client: RawClient, code: string): Promise<void> {
  expect(client.got('bye')).toEqual([[expect.objectContaining({ code }), -1]]);
  await until(() => !client.socket.connected, 'the connection to end');
}

/** The node says that it hears of the others. */
async function inTouch({ url }: ChangingNode): Promise<void> {
  for (const deadline = performance.now() + 30_000; performance.now() < deadline; ) {
    const facts = await fetch(`${url}/readyz`).then((answer) => answer.json());
    if ((facts as { readonly bus: string }).bus === 'ok') return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the node does not hear of Redis');
}
