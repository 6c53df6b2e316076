import { type AddressInfo, createServer } from 'node:net';

export interface OldRedis {
  readonly url: string;
  close(): Promise<void>;
}

/** Answers as Redis 6.2 does what it is asked before anything else: it has `HELLO`, and no sharded pub/sub. */
export async function startOldRedis(version = '6.2.14'): Promise<OldRedis> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    let rest = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      const { commands, left } = readCommands(rest + chunk);
      rest = left;
      for (const command of commands) socket.write(answer(command, version));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `redis://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function answer([name = '']: readonly string[], version: string): string {
  switch (name.toUpperCase()) {
    case 'HELLO':
      return `%1\r\n+version\r\n+${version}\r\n`;
    case 'INFO': {
      const info = `# Server\r\nredis_version:${version}\r\n# Cluster\r\ncluster_enabled:0\r\n`;
      return `$${info.length}\r\n${info}\r\n`;
    }
    case 'CLIENT':
    case 'SELECT':
      return '+OK\r\n';
    case 'PING':
      return '+PONG\r\n';
    default:
      return `-ERR unknown command '${name}', with args beginning with: \r\n`;
  }
}

/** The whole commands at the beginning of what came in, as lists of words; ASCII only. */
function readCommands(text: string): { commands: string[][]; left: string } {
  const commands: string[][] = [];
  let left = text;
  for (;;) {
    const lines = left.split('\r\n');
    const count = Number(lines[0]?.slice(1));
    if (!left.startsWith('*') || lines.length <= 2 * count + 1) return { commands, left };
    commands.push(lines.slice(1, 2 * count + 1).filter((_, index) => index % 2 === 1));
    left = lines.slice(2 * count + 1).join('\r\n');
  }
}
