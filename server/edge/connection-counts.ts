import { CoscribeError } from '../../shared/errors.js';
import { Tally } from './tally.js';

export interface ConnectionLimits {
  readonly maxConnectionsPerAddress: number;
  readonly maxConnectionsPerUser: number;
}

/** Connections to this node, by where they come from and whose they are. */
export class ConnectionCounts {
  private readonly addresses = new Tally();
  private readonly users = new Tally();
  /** Users of each connection: tokens are given per document, so that there may be several. */
  private readonly usersOf = new WeakMap<object, string[]>();

  constructor(private readonly limits: ConnectionLimits) {}

  /** @throws CoscribeError `too-many-connections` */
  enterAddress(address: string): void {
    if (this.addresses.of(address) >= this.limits.maxConnectionsPerAddress)
      throw new CoscribeError('too-many-connections');
    this.addresses.more(address);
  }

  leaveAddress(address: string): void {
    this.addresses.less(address);
  }

  /**
   * Somebody may open a document over this connection. The first time it counts as one of his; `leaveUsers` when it is closed.
   *
   * @throws CoscribeError `too-many-connections`
   */
  enterUser(connection: object, user: string): void {
    const users = this.usersOf.get(connection) ?? [];
    if (users.includes(user)) return;
    if (this.users.of(user) >= this.limits.maxConnectionsPerUser)
      throw new CoscribeError('too-many-connections');
    this.users.more(user);
    this.usersOf.set(connection, [...users, user]);
  }

  /** The connection is closed. */
  leaveUsers(connection: object): void {
    for (const user of this.usersOf.get(connection) ?? []) this.users.less(user);
    this.usersOf.delete(connection);
  }

  /** How many addresses and users have connections that are counted. */
  get size(): number {
    return this.addresses.size + this.users.size;
  }
}
