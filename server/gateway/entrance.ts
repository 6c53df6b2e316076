import { CoscribeError } from '../../shared/errors.js';
import type { Clock } from '../../shared/time.js';
import type { Admission } from '../documents/admitted.js';
import type { Documents } from '../documents/documents.js';
import { Meter, type MeterLimits } from '../documents/meter.js';
import type { ConnectionCounts } from '../edge/connection-counts.js';
import type { CredentialsOf } from './credentials.js';
import { Deadlines } from './deadlines.js';
import type { NamespaceProtocol } from './namespace-protocol.js';
import { readToken } from './read-messages.js';
import { checkAuth } from './socket-io-parser.js';
import type { CoscribeIo, DocumentSocket } from './socket-types.js';

/** An engine.io connection. */
type Connection = DocumentSocket['conn'];

interface EntranceOptions {
  readonly documents: Documents;
  /** What of a connection shows who is at its other end. */
  readonly credentialsOf: CredentialsOf;
  /** Whether connections are there for documents only, and end when they have none for long. */
  readonly ownsConnections: boolean;
  readonly counts: ConnectionCounts;
  readonly limits: MeterLimits & {
    readonly maxDocumentsPerConnection: number;
    readonly joinTimeoutMs: number;
  };
  readonly clock: Clock;
}

/** Lets connections into documents: who may have which, and how many over one connection. */
export class Entrance {
  /** Open documents by connection, those that are being admitted included; entries go with the connection. */
  private readonly open = new WeakMap<Connection, number>();
  private readonly meters = new WeakMap<Connection, Meter>();
  /** Connections that had documents and have none. Those that never had any are Socket.IO's (`connectTimeout`). */
  private readonly empty: Deadlines<Connection> | undefined;

  constructor(
    io: CoscribeIo,
    private readonly options: EntranceOptions,
  ) {
    const { clock, limits, ownsConnections } = options;
    if (!ownsConnections) return;
    const empty = new Deadlines<Connection>(clock, limits.joinTimeoutMs, (connection) => connection.close());
    this.empty = empty;
    function gone(this: Connection): void {
      empty.done(this);
    }
    io.engine.on('connection', (connection: Connection) => connection.on('close', gone));
  }

  /** What comes over a connection is measured by one meter, whatever document it is for. */
  meterOf(connection: Connection): Meter {
    const { limits, clock } = this.options;
    const meter = this.meters.get(connection) ?? new Meter(limits, clock);
    this.meters.set(connection, meter);
    return meter;
  }

  /**
   * Lets a client into the document that its namespace names; `release` when it is gone.
   *
   * @throws CoscribeError as `Documents.admit`; what `credentialsOf` and the protocol throw; `too-many-documents`, `too-many-joins`,
   *   `too-many-connections`, `bad-request`
   */
  async admit(
    socket: DocumentSocket,
    protocol: Pick<NamespaceProtocol, 'documentOf' | 'check'>,
  ): Promise<Admission> {
    const { conn, handshake, nsp } = socket;
    const { documents, counts, limits, credentialsOf } = this.options;
    const { auth } = handshake;
    checkAuth(auth);
    protocol.check(auth);
    const { token } = auth;
    const id = protocol.documentOf(nsp.name);
    if (id === undefined) throw new CoscribeError('invalid-document-id');
    const open = this.open.get(conn) ?? 0;
    if (open >= limits.maxDocumentsPerConnection) throw new CoscribeError('too-many-documents');
    this.meterOf(conn).join();
    this.open.set(conn, open + 1);
    this.empty?.done(conn);
    try {
      const shown = token === undefined || token === null ? undefined : readToken(token);
      const admission = await documents.admit(id, credentialsOf(conn, shown));
      const { user } = admission.grant.identity;
      // A connection that ended meanwhile would be counted for ever.
      if (user !== undefined && conn.readyState === 'open') counts.enterUser(conn, user);
      return admission;
    } catch (error) {
      this.release(socket);
      throw error;
    }
  }

  release({ conn }: DocumentSocket): void {
    const left = (this.open.get(conn) ?? 1) - 1;
    this.open.set(conn, left);
    if (left === 0 && conn.readyState === 'open') this.empty?.start(conn);
  }
}
