import { createConnection } from 'node:net';

/** A node as HAProxy sees it. */
export interface Seat {
  readonly name: string;
  /** `UP`, `DOWN`, `MAINT`, also with words behind: `UP 1/2`. */
  readonly status: string;
  /** Requests and WebSockets that are under way. */
  readonly connections: number;
  /** All that it ever got. */
  readonly total: number;
}

/** Commands for a running HAProxy, through its admin socket. https://docs.haproxy.org/2.6/management.html#9.3 */
export class HaproxyAdmin {
  /** One command at a time: HAProxy takes ten connections, and few more wait. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly socketPath: string) {}

  /** @returns what it answers. @throws Error if nobody does */
  ask(command: string): Promise<string> {
    const answer = this.last.then(() => this.send(command));
    this.last = answer.catch(() => {});
    return answer;
  }

  private send(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = createConnection(this.socketPath, () => void socket.write(`${command}\n`));
      socket.setEncoding('utf8');
      socket.on('data', (text: string) => {
        answer += text;
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(answer.trim()));
    });
  }

  /** Puts a node into a seat and lets it have connections. @throws Error if HAProxy refuses */
  async seat(name: string, host: string, port: number): Promise<void> {
    // While it is in maintenance it forgets what it found out about the address before.
    await this.tell(`set server nodes/${name} state maint`);
    await this.tell(
      `set server nodes/${name} addr ${host} port ${port}`,
      /^(IP changed|no need|port changed)/,
    );
    await this.tell(`set server nodes/${name} state ready`);
  }

  /** Takes whoever sits there away: nothing new goes there. */
  async clear(name: string): Promise<void> {
    await this.tell(`set server nodes/${name} state maint`);
  }

  /** All seats that are in use. */
  async seats(): Promise<readonly Seat[]> {
    const [head = '', ...rows] = (await this.ask('show stat nodes 4 -1')).replace(/^# /, '').split('\n');
    const names = head.split(',');
    return rows
      .map((row) => readSeat(names, row.split(',')))
      .filter(({ status }) => !status.startsWith('MAINT'));
  }

  private async tell(command: string, expected = /^$/): Promise<void> {
    const answer = await this.ask(command);
    if (!expected.test(answer)) throw new Error(`HAProxy refuses "${command}": ${answer}`);
  }
}

function readSeat(names: readonly string[], cells: readonly string[]): Seat {
  const cell = (name: string): string => cells[names.indexOf(name)] ?? '';
  return {
    name: cell('svname'),
    status: cell('status'),
    connections: Number(cell('scur')),
    total: Number(cell('stot')),
  };
}
