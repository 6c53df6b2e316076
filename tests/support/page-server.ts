import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { ROOT } from './project-files.js';

export interface PageServer {
  /** `http://127.0.0.1:{port}`; the same after a restart. */
  readonly url: string;
  /** Ends the process without a warning, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again over the same store, at the same address. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** The built server (`npm run build`) as a process of its own, over the SQLite file `file`. */
export async function startPageServer(file: string, flags: readonly string[] = []): Promise<PageServer> {
  let child = spawnServer(file, ['--port', '0', ...flags]);
  const url = await addressOf(child);
  const { port } = new URL(url);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  return {
    url,
    kill: () => end('SIGKILL'),
    async restart() {
      child = spawnServer(file, ['--port', port, ...flags]);
      await addressOf(child);
    },
    close: () => end('SIGTERM'),
  };
}

function spawnServer(file: string, flags: readonly string[]): ChildProcess {
  const env = {
    ...process.env,
    COSCRIBE_STORE: `sqlite:${file}`,
    COSCRIBE_LOG_LEVEL: 'info',
    HOST: '127.0.0.1',
  };
  return spawn(process.execPath, ['dist/server/main.js', ...flags], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The address in the line that says that the server is ready. */
async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null || child.stderr === null) throw new Error('The server has no output.');
  const problems: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => problems.push(chunk));
  for await (const line of createInterface({ input: child.stdout })) {
    const { url } = JSON.parse(line) as { url?: string };
    if (url !== undefined) {
      child.stdout.resume();
      return url;
    }
  }
  throw new Error(
    `The server did not start. Is it built (npm run build)? ${Buffer.concat(problems).toString()}`,
  );
}
