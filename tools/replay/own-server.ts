import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServerProcess } from '../server-process.js';

/** A server that a replay starts for itself: another process, a free port, a store in a folder of its own. */
export class OwnServer {
  private constructor(
    private readonly folder: string,
    private process: ServerProcess,
    /** Where it listens; another place after a restart. */
    private address: string,
  ) {}

  /** @throws Error with what the server wrote if it does not start */
  static async start(): Promise<OwnServer> {
    const folder = await mkdtemp(join(tmpdir(), 'coscribe-replay-'));
    const process = launch(folder);
    try {
      return new OwnServer(folder, process, await process.ready());
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get url(): string {
    return this.address;
  }

  /** Stops the server in order and starts it again with the same store. @throws Error if either fails */
  async restart(): Promise<void> {
    const { code, signal } = await this.process.stop();
    if (code !== 0) {
      throw new Error(`The server did not stop in order (${signal ?? code}).\n${this.process.output()}`);
    }
    this.process = launch(this.folder);
    this.address = await this.process.ready();
  }

  /** Ends the server and removes its store. */
  async remove(): Promise<void> {
    await this.process.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The program beside this one, not a part of it: nothing of the server is imported. */
const main = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'server', 'main.js');

function launch(folder: string): ServerProcess {
  const store = `sqlite:${join(folder, 'replay.db')}`;
  // Whatever the environment says, this server is the replay's own.
  const args = ['--port', '0', '--host', '127.0.0.1', '--store', store, '--log-level', 'info'];
  return new ServerProcess({ main, args });
}
